"""My applications with preselection, and the page of one (domain 5.3, U7)."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import partner_only
from accounts.http import MemberRequest
from accounts.models import Agency
from offers.models import Offer
from offers.sheet import Sheet
from opus.lib.audit import Action
from opus.lib.pagination import paginate
from referrals import sightings
from referrals.actions.screened import answer_for
from referrals.asked import asked_by
from referrals.forms.follow_up import (
    CancelForm,
    GestureForm,
    InterviewForm,
    OutcomeForm,
    UndoOutcomeForm,
)
from referrals.forms.screened import (
    CompleteForm,
    PresentForm,
    ScreenedHandOverForm,
    SetAsideForm,
    ShortlistForm,
)
from referrals.models import ScreenedReferral, ScreenedState
from referrals.rights import ActKind
from referrals.screened_filter import ScreenedFilter
from referrals.screening import Gesture
from referrals.to_tell import message_for
from referrals.views.acts import (
    Wanted,
    context_of,
    follow,
    get_act,
    outcome_context,
)

S = ScreenedState


@require_safe
@partner_only
def screened_referrals(request: MemberRequest) -> HttpResponse:
    """My applications with preselection, the newest first, by state."""
    mine = ScreenedReferral.objects.visible_to(request.user)
    chosen = ScreenedFilter(mine, request.GET.get("etat", ""))
    page = paginate(
        request, chosen.acts.select_related("offer", "candidate", "outcome__code")
    )
    sightings.show(
        request.user,
        Action.PERSONS_LISTED,
        [act.candidate for act in page.object_list],
        unasked=page.number == 1 and not chosen.value,
    )
    context = {"page": page, "filter": chosen, "section": "mises-en-contact"}
    return render(request, "referrals/screened_referrals.html", context)


@require_safe
@partner_only
def screened_referral(request: MemberRequest, pk: UUID) -> HttpResponse:
    """One of them: where it stands, who goes on, its document, its life."""
    return show(request, get_screened(request, pk))


@require_POST
@partner_only
def screened_hand_over(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The document was handed over (art. 7); the application is to be looked at."""
    return follow_screened(request, pk, ScreenedHandOverForm, S.TO_REVIEW)


@require_POST
@partner_only
def screened_complete(request: MemberRequest, pk: UUID) -> HttpResponse:
    """What France Travail missed was given."""
    return follow_screened(request, pk, CompleteForm, S.TO_REVIEW)


@require_POST
@partner_only
def screened_shortlist(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The application is kept."""
    return follow_screened(request, pk, ShortlistForm, S.SHORTLISTED)


@require_POST
@partner_only
def screened_set_aside(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The application is not kept."""
    return follow_screened(request, pk, SetAsideForm, S.SET_ASIDE)


@require_POST
@partner_only
def screened_present(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The application was presented to the employer."""
    return follow_screened(request, pk, PresentForm, S.PRESENTED)


@require_POST
@partner_only
def screened_interview(request: MemberRequest, pk: UUID) -> HttpResponse:
    """An interview is fixed or held."""
    return follow_screened(request, pk, InterviewForm, S.INTERVIEW)


@require_POST
@partner_only
def screened_outcome(request: MemberRequest, pk: UUID) -> HttpResponse:
    """What came of it."""
    return follow_screened(request, pk, OutcomeForm)


@require_POST
@partner_only
def screened_outcome_undo(request: MemberRequest, pk: UUID) -> HttpResponse:
    """One's own outcome taken back within 24 hours."""
    return follow_screened(request, pk, UndoOutcomeForm)


@require_POST
@partner_only
def screened_cancel(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The act is called off."""
    return follow_screened(request, pk, CancelForm, S.CANCELLED)


def follow_screened(
    request: MemberRequest, pk: UUID, form_class: type[GestureForm], target: str = ""
) -> HttpResponse:
    act = get_screened(request, pk)
    return follow(request, act, form_class, show=show, target=target)


def get_screened(request: MemberRequest, pk: UUID) -> ScreenedReferral:
    act: ScreenedReferral = get_act(
        request,
        ActKind.SCREENED_REFERRAL,
        pk,
        *("outcome__code", "outcome__by", "after_cv", "after_summons"),
    )
    return act


def show(
    request: MemberRequest, act: ScreenedReferral, bound: GestureForm | None = None
) -> HttpResponse:
    """The act's page, with the forms that its state and its offer call for."""
    user = request.user

    def may(gesture: Gesture) -> bool:
        return answer_for(act, gesture, by=user).is_allowed

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
    return render(request, "referrals/screened_referral.html", context)


def criteria_of(act: ScreenedReferral) -> dict[str, Any]:
    """What the offer asks: what the person meets, and the rest.

    An offer that is withdrawn shows nothing of what it asked (3.1).
    """
    if act.offer_is_withdrawn:
        return {"criteria_met": [], "criteria_left": []}
    met = act.criteria_met
    left = [line for line in asked_by(act.offer) if line not in met]
    return {"criteria_met": met, "criteria_left": left}


def agency_of(offer: Offer) -> dict[str, Any]:
    """The way to the employer: his agency of France Travail, and no other (2.7)."""
    safir = offer.agency_safir
    agency = Agency.objects.filter(safir=safir).first() if safir else None
    name = "l’agence France Travail qui suit l’offre"
    if agency:
        name = f"l’agence {agency.name}"
    elif safir:
        name = f"l’agence France Travail n°\u00a0{safir}"
    lines = Sheet(offer).agency if offer.is_active else []
    return {
        "agency_name": name,
        "agency_contact": ", ".join(line.text for line in lines),
    }
