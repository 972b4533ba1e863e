"""The probes and the metrics, for supervisors (R15)."""

import hmac

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from opus.operations.metrics import Figures, Requests
from opus.operations.readiness import readiness


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
    if not opens(request.headers.get("Authorization", "")):
        return HttpResponse(status=404)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Requests())
    if request.META["SERVER_PORT"] == settings.METRICS_PORTS["web"]:
        registry.register(Figures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def opens(authorization: str) -> bool:
    """Return whether the header has the token, in constant time."""
    if not settings.METRICS_TOKEN:
        return False
    expected = f"Bearer {settings.METRICS_TOKEN}"
    return hmac.compare_digest(authorization.encode(), expected.encode())
