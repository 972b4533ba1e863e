"""Links that stop a change, without sign-in (S10, S11)."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.signin import account_safety as safety
from accounts.signin import factors
from accounts.signin.models.access_changes import LinkExpired, SecurityEvent
from accounts.signin.models.factor_recovery import FactorReset
from accounts.users.account_texts import checker_of


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def account_safety(request: HttpRequest, token: str) -> HttpResponse:
    """Suspend the account; only by POST: mail readers open links."""
    template = "accounts/signin/account_safety.html"
    try:
        event = SecurityEvent.of_token(token)
    except LinkExpired:
        return render(request, template, {"event": None}, status=410)
    except SecurityEvent.DoesNotExist as error:
        raise Http404 from error
    if request.method == "POST":
        safety.put_in_safety(event)
        event.refresh_from_db()
    context = {"event": event, "checker": checker_of(event.account)}
    return render(request, template, context)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def factor_reset_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the reset; only by POST: mail readers open links."""
    try:
        reset = FactorReset.of_token(token)
    except FactorReset.DoesNotExist as error:
        raise Http404 from error
    if request.method == "POST" and not reset.is_over:
        factors.stop(reset, by=None)
    return render(
        request, "accounts/signin/factor_recovery_stop.html", {"reset": reset}
    )
