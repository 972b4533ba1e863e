"""My applications with preselection, and the page of one (domain 5.3, U7)."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.signin.access import partner_only
from accounts.signin.http import MemberRequest
from accounts.structures.models import Agency
from offers.catalogue.models import Offer
from offers.catalogue.presenter import OfferPresenter
from referrals.acts.act_rights import ActKind
from referrals.acts.states import ScreenedState
from referrals.follow_up.forms import (
    CancelForm,
    GestureForm,
    InterviewForm,
    OutcomeForm,
    UndoOutcomeForm,
)
from referrals.follow_up.views import (
    Steps,
    Wanted,
    context_of,
    follow,
    get_act,
    list_acts,
    outcome_context,
)
from referrals.preselection.actions import permission_for
from referrals.preselection.filters import CHOICES
from referrals.preselection.forms import (
    CompleteForm,
    PresentForm,
    ScreenedHandOverForm,
    SetAsideForm,
    ShortlistForm,
)
from referrals.preselection.message_templates import message_for
from referrals.preselection.models import ScreenedReferral
from referrals.preselection.offer_criteria import requirements_of
from referrals.preselection.rules import Gesture

S = ScreenedState
# Its URL → its name, its form, the state that it leads to.
STEPS: Steps = {
    "remise": ("hand_over", ScreenedHandOverForm, S.TO_REVIEW),
    "complement": ("complete", CompleteForm, S.TO_REVIEW),
    "retenir": ("shortlist", ShortlistForm, S.SHORTLISTED),
    "ecarter": ("set_aside", SetAsideForm, S.SET_ASIDE),
    "presenter": ("present", PresentForm, S.PRESENTED),
    "entretien": ("interview", InterviewForm, S.INTERVIEW),
    "suite": ("outcome", OutcomeForm, ""),
    "suite/annuler": ("outcome_undo", UndoOutcomeForm, ""),
    "annuler": ("cancel", CancelForm, S.CANCELLED),
}


@require_safe
@partner_only
def screened_referrals(request: MemberRequest) -> HttpResponse:
    mine = ScreenedReferral.objects.visible_to(request.user)
    return list_acts(
        request, mine, CHOICES, "referrals/preselection/screened_referrals.html"
    )


@require_safe
@partner_only
def screened_referral(request: MemberRequest, pk: UUID) -> HttpResponse:
    return show(request, get_screened(request, pk))


@require_POST
@partner_only
def screened_step(request: MemberRequest, pk: UUID, **step: Any) -> HttpResponse:
    return follow(request, get_screened(request, pk), show=show, **step)


def get_screened(request: MemberRequest, pk: UUID) -> ScreenedReferral:
    act: ScreenedReferral = get_act(
        request,
        ActKind.SCREENED_REFERRAL,
        pk,
        *("outcome__code", "outcome__by", "after_cv", "after_appointment"),
    )
    return act


def show(
    request: MemberRequest, act: ScreenedReferral, bound: GestureForm | None = None
) -> HttpResponse:
    user = request.user

    def may(gesture: Gesture) -> bool:
        return permission_for(act, gesture, by=user).is_allowed

    wanted: Wanted = {
        "hand_over_form": (ScreenedHandOverForm, may(Gesture.HAND_OVER)),
        "complete_form": (CompleteForm, may(Gesture.COMPLETE)),
        "shortlist_form": (ShortlistForm, may(Gesture.SHORTLIST)),
        "set_aside_form": (SetAsideForm, may(Gesture.SET_ASIDE)),
        "present_form": (PresentForm, may(Gesture.PRESENT)),
        "interview_form": (InterviewForm, may(Gesture.INTERVIEW)),
        "outcome_form": (OutcomeForm, act.can_record_outcome(user)),
    }
    context = context_of(request, act, bound, wanted) | outcome_context(act, user)
    context |= criteria_of(act) | agency_of(act.offer)
    context["message"] = message_for(act)
    return render(request, "referrals/preselection/screened_referral.html", context)


def criteria_of(act: ScreenedReferral) -> dict[str, Any]:
    """Return the offer's criteria: met, and not; none if withdrawn (3.1)."""
    if act.offer_is_withdrawn:
        return {"criteria_met": [], "criteria_left": []}
    met = act.criteria_met
    left = [line for line in requirements_of(act.offer) if line not in met]
    return {"criteria_met": met, "criteria_left": left}


def agency_of(offer: Offer) -> dict[str, Any]:
    """Return the contact: the agency, never the employer (2.7)."""
    safir = offer.agency_safir
    agency = Agency.objects.filter(safir=safir).first() if safir else None
    name = "l’agence France Travail qui suit l’offre"
    if agency:
        name = f"l’agence {agency.name}"
    elif safir:
        name = f"l’agence France Travail n°\u00a0{safir}"
    lines = OfferPresenter(offer).agency if offer.is_active else []
    return {
        "agency_name": name,
        "agency_contact": ", ".join(line.text for line in lines),
    }
