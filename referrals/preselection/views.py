"""List and page of applications with preselection (5.3)."""

from typing import Any

from django.db.models import Q

from accounts.users.models import User
from offers.catalogue.models import Offer
from offers.catalogue.presenter import OfferPresenter
from referrals.acts.act_rights import ActKind
from referrals.acts.next_step import NextStep
from referrals.acts.states import ScreenedState
from referrals.follow_up.forms import (
    CancelForm,
    GestureForm,
    InterviewForm,
    OutcomeForm,
    UndoOutcomeForm,
)
from referrals.follow_up.views import ActPages, Choices, Wanted
from referrals.preselection.actions import permission_for
from referrals.preselection.forms import (
    CompleteForm,
    PresentForm,
    ScreenedHandOverForm,
    SetAsideForm,
    ShortlistForm,
    left_of,
)
from referrals.preselection.models import ScreenedReferral
from referrals.preselection.rules import Gesture

S = ScreenedState
# The person is told of these.
FOR_PERSON = {S.SET_ASIDE, S.PRESENTED}
GESTURES: dict[Gesture, type[GestureForm]] = {
    Gesture.HAND_OVER: ScreenedHandOverForm,
    Gesture.COMPLETE: CompleteForm,
    Gesture.SHORTLIST: ShortlistForm,
    Gesture.SET_ASIDE: SetAsideForm,
    Gesture.PRESENT: PresentForm,
    Gesture.INTERVIEW: InterviewForm,
}


class ScreenedPages(ActPages):
    kind = ActKind.SCREENED_REFERRAL
    templates = (
        "referrals/preselection/screened_referrals.html",
        "referrals/preselection/screened_referral.html",
    )
    related = ("outcome__code", "outcome__by", "follows")
    steps = {
        "remise": ("hand_over", ScreenedHandOverForm, S.TO_REVIEW),
        # Somebody else's answer is not told as one's own.
        "complement": ("complete", CompleteForm, ""),
        "retenir": ("shortlist", ShortlistForm, S.SHORTLISTED),
        "ecarter": ("set_aside", SetAsideForm, S.SET_ASIDE),
        "presenter": ("present", PresentForm, S.PRESENTED),
        "entretien": ("interview", InterviewForm, S.INTERVIEW),
        "suite": ("outcome", OutcomeForm, ""),
        "suite/annuler": ("outcome_undo", UndoOutcomeForm, ""),
        "annuler": ("cancel", CancelForm, S.CANCELLED),
    }

    def choices(self) -> Choices:
        return {
            **super().choices(),
            "a-examiner": ("À examiner", Q(state=S.TO_REVIEW)),
            "complement": ("Complément demandé", Q(state=S.ASKED_FOR_MORE)),
            "preselectionnees": ("Présélectionnées", Q(state=S.SHORTLISTED)),
            "presentees": ("Présentées", Q(state__in=[S.PRESENTED, S.INTERVIEW])),
            "sans-nouvelles": ("Sans nouvelles", Q(next_step=NextStep.FOLLOW)),
            "terminees": ("Suite connue", Q(state=S.ENDED)),
            "ecartees": ("Écartées", Q(state=S.SET_ASIDE)),
            "annulees": ("Annulées", Q(state=S.CANCELLED)),
        }

    def forms(self, act: ScreenedReferral, user: User) -> Wanted:
        allowed = {
            f"{gesture.value}_form": (
                form,
                permission_for(act, gesture, by=user).is_allowed,
            )
            for gesture, form in GESTURES.items()
        }
        outcome = {"outcome_form": (OutcomeForm, act.can_record_outcome(user))}
        return {**super().forms(act, user), **allowed, **outcome}

    def context(self, act: ScreenedReferral, user: User) -> dict[str, Any]:
        met = [] if act.offer_is_withdrawn else act.criteria_met
        questions = act.questions.select_related("asked_by", "answered_by")
        return agency_of(act.offer) | {
            "criteria_met": met,
            "criteria_left": left_of(act.offer, met),
            # An agency reads an application once its document is handed over.
            "questions": list(questions) if act.handed_over_on else [],
            "has_message": act.state in FOR_PERSON and not act.offer_is_withdrawn,
        }


def agency_of(offer: Offer) -> dict[str, Any]:
    """Return the contact: the agency, never the employer (2.7)."""
    safir = offer.agency_safir
    agency = offer.agency if safir else None
    name = "l’agence France Travail qui suit l’offre"
    if agency:
        name = f"l’agence {agency.name}"
    elif safir:
        name = f"l’agence France Travail n°\u00a0{safir}"
    lines = OfferPresenter(offer).agency if offer.is_active else []
    contacts = [line.text for line in lines]
    if agency and agency.phone and agency.phone not in contacts:
        contacts.insert(0, agency.phone)
    return {"agency_name": name, "agency_contact": ", ".join(contacts)}
