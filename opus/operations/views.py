"""The probes and the figures, for supervisors (R15)."""

import datetime as dt
import hmac

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.db.models import Value
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from offers.feed.health import Health
from opus.lib.background_files import WRITERS, FileState
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from opus.operations.emails import report_late_jobs
from opus.operations.metrics import Figures, Requests
from opus.startup import files_problem, postgres_problem, tables_problem

# A document or an e-mail needs a second: a queue of minutes means that no worker
# runs, or no mail server.
WORK_IS_LATE_AFTER = dt.timedelta(minutes=5)


def readiness() -> str:
    """Down: no page is served, until the database is back or somebody runs a command.

    Degraded: a queue, the feed, a job or beat is late; or this is a copy, which sends
    nothing (R21).
    """
    try:
        if postgres_problem() or not is_prepared():
            return "down"
        late = timezone.now() - WORK_IS_LATE_AFTER
        files = (
            model._default_manager.filter(state=FileState.WAITING, created_at__lt=late)
            for model in WRITERS
        )
        mails = OutboxEntry.objects.waiting().filter(created_at__lt=late)
        # One statement, which stops at the first row.
        first, *others = (
            rows.order_by().values_list(Value(1))[:1] for rows in (mails, *files)
        )
        is_degraded = (
            first.union(*others, all=True).exists()
            or Health().is_silent
            or outbox.is_mute()
        )
        # Report even if degraded already: only the probe reports a stopped clock (R25).
        is_degraded = report_late_jobs() or is_degraded
        return "degraded" if is_degraded else "ok"
    except DatabaseError:
        return "down"


_prepared = False


def is_prepared() -> bool:
    """Return whether files, tables and rights are this release's; True is cached."""
    global _prepared
    _prepared = _prepared or not (files_problem() or tables_problem())
    return _prepared


@login_not_required
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    state = readiness()
    status = 503 if state == "down" else 200
    return HttpResponse(state, content_type="text/plain", status=status)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return figures for Prometheus; 404 without the token.

    The feed's process returns those of its requests alone: a collector that scrapes
    both counts the rows of the database once.
    """
    expected = f"Bearer {settings.METRICS_TOKEN}".encode()
    given = request.headers.get("Authorization", "").encode()
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given, expected):
        return HttpResponse(status=404)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Requests())
    if request.META["SERVER_PORT"] == settings.METRICS_PORTS["web"]:
        registry.register(Figures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
