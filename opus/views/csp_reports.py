"""Reports of the content security policy from browsers (S29)."""

import json
import logging
import re
import time
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from opus.operations.monitoring.middleware import route_at

logger = logging.getLogger(__name__)

MAX_BYTES = 16_000
MAX_PER_MINUTE = 30


class Minute:
    """The reports that this process may still log this minute."""

    def __init__(self) -> None:
        self.began = 0.0
        self.left = 0

    def admits(self) -> bool:
        now = time.monotonic()
        if now - self.began >= 60:
            self.began, self.left = now, MAX_PER_MINUTE
        self.left -= 1
        return self.left >= 0


minute = Minute()


@csrf_exempt
@login_not_required
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Log what the policy blocked; drop odd or excess reports."""
    body = request.body  # Always read the body: else the sender gets no answer.
    if len(body) > MAX_BYTES:
        return HttpResponse(status=413)
    if minute.admits():
        for report in read_reports(body):
            logger.warning("csp: %s", json.dumps(report, sort_keys=True))
    return HttpResponse(status=204)


def read_reports(body: bytes) -> list[dict[str, str]]:
    """Read both formats of browsers, without anything personal."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return []
    items = content if isinstance(content, list) else [content]
    bodies = [
        item.get("csp-report") or item.get("body")
        for item in items[:10]
        if isinstance(item, dict)
    ]
    directive = ("effective-directive", "effectiveDirective")
    return [
        {
            # Its path may contain a secret link.
            "page": route_at(path_of(first(report, "document-uri", "documentURL"))),
            "blocked": bare(report, "blocked-uri", "blockedURL"),
            "directive": first(report, *directive)[:60],
        }
        for report in bodies
        if isinstance(report, dict)
    ]


def first(report: dict[str, Any], *names: str) -> str:
    found = (report.get(name) for name in names)
    return next((text for text in found if text and isinstance(text, str)), "")


def path_of(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def bare(report: dict[str, Any], *names: str) -> str:
    """Return an address without query, persons and offers."""
    try:
        parts = urlsplit(first(report, *names))
    except ValueError:
        return ""
    path = re.sub(r"[^/]*\d[^/]*", "…", parts.path)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}"[:200]
