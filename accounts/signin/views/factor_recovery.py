"""The holder's link that stops a reset of second factors (S10)."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.signin import factor_recovery
from accounts.signin.models.factor_recovery import FactorReset


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def factor_reset_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the reset; only by POST: mail readers open links."""
    try:
        reset = FactorReset.of_token(token)
    except FactorReset.DoesNotExist as error:
        raise Http404 from error
    if request.method == "POST" and not reset.is_over:
        factor_recovery.stop(reset, by=None)
    return render(
        request, "accounts/signin/factor_recovery_stop.html", {"reset": reset}
    )
