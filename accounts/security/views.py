"""Alerts about the structure's accounts, for the RGC (S39)."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.security.models import Alert
from accounts.security.rules import words_about
from accounts.signin.access import MemberRequest, rgc_only
from opus.lib.web import paginate


@require_safe
@rgc_only
def alerts(request: MemberRequest) -> HttpResponse:
    """List alerts of twelve months, except about the RGC."""
    mine = Alert.objects.for_rgc(request.user).select_related("account")
    return render(
        request, "accounts/security/alerts.html", {"page": paginate(request, mine)}
    )


@require_safe
@rgc_only
def alert(request: MemberRequest, pk: UUID) -> HttpResponse:
    mine = Alert.objects.for_rgc(request.user).select_related("account")
    found = get_object_or_404(mine, pk=pk)
    context = {
        "alert": found,
        "person": found.account,
        **words_about(found, request.user),
    }
    return render(request, "accounts/security/alert.html", context)
