from typing import Any

from django.db.models import Q

from accounts.users.models import User
from referrals.acts.act_rights import ActKind
from referrals.acts.next_step import NextStep
from referrals.acts.states import LIVE_STATES, ReferralState
from referrals.direct.models import Referral
from referrals.follow_up.forms import (
    CancelForm,
    ContactForm,
    HandOverForm,
    InterviewForm,
    OutcomeForm,
    UndoOutcomeForm,
)
from referrals.follow_up.views import ActPages, Choices, Wanted

S = ReferralState
LIVE = Q(state__in=LIVE_STATES)


class ReferralPages(ActPages):
    kind = ActKind.REFERRAL
    templates = "referrals/direct/referrals.html", "referrals/direct/referral.html"
    related = ("outcome__code", "outcome__by")
    steps = {
        "remise": ("hand_over", HandOverForm, S.HANDED_OVER),
        "contact": ("contact", ContactForm, S.CONTACTED),
        "entretien": ("interview", InterviewForm, S.INTERVIEW),
        "suite": ("outcome", OutcomeForm, ""),
        "suite/annuler": ("outcome_undo", UndoOutcomeForm, ""),
        "annuler": ("cancel", CancelForm, S.CANCELLED),
    }

    def choices(self) -> Choices:
        return {
            **super().choices(),
            "en-cours": ("En cours", LIVE & ~Q(state=S.PROPOSED)),
            "sans-nouvelles": ("Sans nouvelles", Q(next_step=NextStep.FOLLOW)),
            "terminees": ("Suite connue", Q(state=S.ENDED)),
            "annulees": ("Annulées", Q(state=S.CANCELLED)),
        }

    def forms(self, act: Referral, user: User) -> Wanted:
        return {
            **super().forms(act, user),
            "contact_form": (ContactForm, act.can_go_to(S.CONTACTED)),
            "interview_form": (InterviewForm, act.can_go_to(S.INTERVIEW)),
            "outcome_form": (OutcomeForm, act.can_record_outcome(user)),
        }

    def context(self, act: Referral, user: User) -> dict[str, Any]:
        return {"referral": act}
