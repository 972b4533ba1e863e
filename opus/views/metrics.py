"""Metrics for operators, closed without their token (R15)."""

import hmac

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from opus.operations.figures import Figures


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the database's counts for Prometheus. Raises Http404: no valid token."""
    if not opens(request.headers.get("Authorization", "")):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def opens(authorization: str) -> bool:
    """Compare with ``Bearer`` and the token, in constant time."""
    if not settings.METRICS_TOKEN:
        return False
    expected = f"Bearer {settings.METRICS_TOKEN}"
    return hmac.compare_digest(authorization.encode(), expected.encode())
