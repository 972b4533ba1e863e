"""Lost second factor, on the RGC's page (S10)."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts import lost_factors
from accounts.access import rgc_only, step_up
from accounts.http import MemberRequest
from accounts.models import FactorReset, User
from accounts.team_forms import LostFactorForm
from accounts.views.team import get_person, slip


@require_http_methods(["GET", "HEAD", "POST"])
@rgc_only
@step_up
def lost_factor(request: MemberRequest, public_id: UUID) -> HttpResponse:
    person = get_person(request, public_id)
    form = LostFactorForm(request.POST or None)
    if form.is_valid():
        lost_factors.ask(person, by=request.user, **form.cleaned_data)
        messages.success(
            request, f"La demande est enregistrée. Un courriel prévient {person}."
        )
        return redirect("lost_factor", public_id)
    context = {
        "person": person,
        "has_factor": bool(person.factors),
        "reset": person.factor_resets.open().first(),
        "refusal": lost_factors.why_too_early(person, by=request.user),
        "form": form,
    }
    return render(request, "accounts/lost_factor.html", context)


@require_POST
@rgc_only
@step_up
@sensitive_variables("secret")
def lost_factor_slip(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """After the day's notice: reset, and show the slip once."""
    person = get_person(request, public_id)
    secret = lost_factors.finish(open_reset(person), by=request.user)
    return slip(request, person, secret)


@require_POST
@rgc_only
@step_up
def lost_factor_stop(request: MemberRequest, public_id: UUID) -> HttpResponse:
    person = get_person(request, public_id)
    lost_factors.stop(open_reset(person), by=request.user)
    messages.success(
        request, "La demande est annulée : rien ne change pour cette personne."
    )
    return redirect("account", public_id)


def open_reset(person: User) -> FactorReset:
    reset = person.factor_resets.open().select_related("account").first()
    if reset is None:
        raise Http404
    return reset
