from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.signin.access import partner_only
from accounts.signin.http import MemberRequest
from referrals.acts.act_rights import ActKind
from referrals.acts.states import ReferralState
from referrals.direct.filters import CHOICES
from referrals.direct.forms import ContactForm
from referrals.direct.models import Referral
from referrals.follow_up.forms import (
    CancelForm,
    GestureForm,
    HandOverForm,
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

# URL of a step → its name, form and new state.
STEPS: Steps = {
    "remise": ("hand_over", HandOverForm, ReferralState.HANDED_OVER),
    "contact": ("contact", ContactForm, ReferralState.CONTACTED),
    "entretien": ("interview", InterviewForm, ReferralState.INTERVIEW),
    "suite": ("outcome", OutcomeForm, ""),
    "suite/annuler": ("outcome_undo", UndoOutcomeForm, ""),
    "annuler": ("cancel", CancelForm, ReferralState.CANCELLED),
}


@require_safe
@partner_only
def referrals(request: MemberRequest) -> HttpResponse:
    mine = Referral.objects.visible_to(request.user)
    return list_acts(request, mine, CHOICES, "referrals/direct/referrals.html")


@require_safe
@partner_only
def referral(request: MemberRequest, pk: UUID) -> HttpResponse:
    return show(request, get_referral(request, pk))


@require_POST
@partner_only
def referral_step(request: MemberRequest, pk: UUID, **step: Any) -> HttpResponse:
    return follow(request, get_referral(request, pk), show=show, **step)


def get_referral(request: MemberRequest, pk: UUID) -> Referral:
    referral: Referral = get_act(
        request, ActKind.REFERRAL, pk, "outcome__code", "outcome__by"
    )
    return referral


def show(
    request: MemberRequest, referral: Referral, bound: GestureForm | None = None
) -> HttpResponse:
    user = request.user
    wanted: Wanted = {
        "contact_form": (ContactForm, referral.can_be_contacted),
        "interview_form": (InterviewForm, referral.can_be_interviewed),
        "outcome_form": (OutcomeForm, referral.can_record_outcome(user)),
    }
    context = context_of(request, referral, bound, wanted)
    context |= {"referral": referral} | outcome_context(referral, user)
    return render(request, "referrals/direct/referral.html", context)
