import contextlib
import time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from gunicorn.http.errors import ParseException

from opus.lib.forms.typed import Typed, given_back

RETRY_AFTER_BREAKDOWN = 10  # seconds
# Bounds of the discarded rest of a refused body.
DRAINED_BYTES = 64 * 1024 * 1024
DRAINED_SECONDS = 10
DRAIN_STEP = 64 * 1024


def database_away() -> HttpResponse:
    """Return 503, rendered without a query."""
    headers = {"Retry-After": str(RETRY_AFTER_BREAKDOWN)}
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)


def pdf_file(content: Any, name: str, disposition: str = "inline") -> HttpResponse:
    headers = {"Content-Disposition": f'{disposition}; filename="{name}"'}
    return HttpResponse(bytes(content), content_type="application/pdf", headers=headers)


def too_many_requests(
    request: HttpRequest, seconds: int, reason: str = ""
) -> HttpResponse:
    """Return 429 with the delay, and the author's answers."""
    is_part = "HX-Request" in request.headers
    typed = Typed() if is_part else Typed.of(request)
    context = {
        "seconds": seconds,
        "minutes": -(-seconds // 60),
        "hours": -(-seconds // 3600),
        "reason": reason,
        **given_back(request, typed),
    }
    response = render(request, "429.html", context, status=429)
    response["Retry-After"] = str(seconds)
    return response


def session_ended(request: HttpRequest) -> HttpResponse:
    """Return 403 with the answers of a form without session.

    They are in hidden fields with a new token: sign in in another tab, send again.
    """
    context = given_back(request, Typed.of(request))
    return render(request, "opus/session_ended.html", context, status=403)


class TooLargeResponse(HttpResponse):
    """413, sent first; the body is then discarded, within bounds.

    A browser still sending when the connection closes shows its own error.
    """

    def __init__(self, request: HttpRequest, content: str, **kwargs: Any) -> None:
        super().__init__(content, status=413, **kwargs)
        self.stream = body_stream(request)

    def close(self) -> None:
        ends_at = time.monotonic() + DRAINED_SECONDS
        with contextlib.suppress(OSError, ParseException):
            for _ in range(DRAINED_BYTES // DRAIN_STEP):
                if time.monotonic() > ends_at or not self.stream.read(DRAIN_STEP):
                    break
        super().close()


def content_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def body_stream(request: HttpRequest) -> Any:
    if "CONTENT_LENGTH" not in request.META and "wsgi.input_terminated" in request.META:
        # Chunked: Django reads a body without a length as empty.
        return request.META["wsgi.input"]
    return request
