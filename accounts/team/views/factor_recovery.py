"""Lost second factor, on the RGC's page (S10)."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts.signin import factor_recovery
from accounts.signin.access import rgc_only, step_up
from accounts.signin.http import MemberRequest
from accounts.signin.models.factor_recovery import FactorReset
from accounts.team.forms import LostFactorForm
from accounts.team.views.accounts import get_person, slip
from accounts.users.models.users import User


@require_http_methods(["GET", "HEAD", "POST"])
@rgc_only
@step_up
def account_factor_reset(request: MemberRequest, public_id: UUID) -> HttpResponse:
    person = get_person(request, public_id)
    form = LostFactorForm(request.POST or None)
    if form.is_valid():
        factor_recovery.request_reset(person, by=request.user, **form.cleaned_data)
        messages.success(
            request, f"La demande est enregistrée. Un courriel prévient {person}."
        )
        return redirect("account_factor_reset", public_id)
    context = {
        "person": person,
        "has_factor": bool(person.factors),
        "reset": person.factor_resets.open().first(),
        "refusal": factor_recovery.why_too_early(person, by=request.user),
        "form": form,
    }
    return render(request, "accounts/team/factor_recovery.html", context)


@require_POST
@rgc_only
@step_up
@sensitive_variables("secret")
def account_factor_reset_slip(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Reset after the day's notice, and show the slip once."""
    person = get_person(request, public_id)
    secret = factor_recovery.finish(open_reset(person), by=request.user)
    return slip(request, person, secret)


@require_POST
@rgc_only
@step_up
def account_factor_reset_stop(request: MemberRequest, public_id: UUID) -> HttpResponse:
    person = get_person(request, public_id)
    factor_recovery.stop(open_reset(person), by=request.user)
    messages.success(
        request, "La demande est annulée : rien ne change pour cette personne."
    )
    return redirect("account", public_id)


def open_reset(person: User) -> FactorReset:
    reset = person.factor_resets.open().select_related("account").first()
    if reset is None:
        raise Http404
    return reset
