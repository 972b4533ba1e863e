"""The figures for operators: closed without their token, and never public (R15)."""

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
    """What the database counts now, as Prometheus reads it.

    Nothing is kept in a process: whichever of them answers says the same.

    Raises:
        Http404: no token is set, or it is not the one that was given. A stranger does
            not learn that the address exists.
    """
    if not opens(request.headers.get("Authorization", "")):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def opens(authorization: str) -> bool:
    """Whether it is ``Bearer`` and the token, compared in constant time."""
    if not settings.METRICS_TOKEN:
        return False
    expected = f"Bearer {settings.METRICS_TOKEN}"
    return hmac.compare_digest(authorization.encode(), expected.encode())
