"""Stop link of a notice: suspend the account (S11, ADR 8)."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.signin import account_safety as safety
from accounts.signin.models.access_changes import LinkExpired, SecurityEvent
from accounts.users.contacts import checker_of


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
