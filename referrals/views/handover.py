"""The RGC closes an account, or hands over whom it accompanies (art. 4.2, domain 5.6).

The page shows counts, never candidates (design 2.2).
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import rgc_only, step_up
from accounts.http import MemberRequest
from accounts.views.team import get_person
from referrals.actions.handover import HandoverRefused
from referrals.forms.handover import CloseAccountForm, HandOverForm


@require_http_methods(["GET", "HEAD", "POST"])
@rgc_only
@step_up
def account_close(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Ask for the reason and the successors, then shut the account for good (A6)."""
    person = get_person(request, public_id)
    form = CloseAccountForm(request.POST or None, account=person)
    if form.is_valid():
        try:
            form.save(person, by=request.user)
        except HandoverRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Le compte de {person} est fermé.")
            return redirect("accounts")
    context = {"person": person, "form": form}
    return render(request, "accounts/account_close.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@rgc_only
@step_up
def account_hand_over(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Give whom somebody accompanies to colleagues; the account stays as it is."""
    person = get_person(request, public_id)
    form = HandOverForm(request.POST or None, account=person)
    if form.is_valid() and form.caseload.people:
        try:
            form.save(person, by=request.user)
        except HandoverRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Les suivis de {person} sont confiés.")
            return redirect("account", public_id)
    context = {"person": person, "form": form}
    return render(request, "accounts/account_hand_over.html", context)
