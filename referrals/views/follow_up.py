"""My mises en contact, and the page of one: document, follow-up, outcome (U7)."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import partner_only
from accounts.http import MemberRequest
from opus.lib.audit import Action
from opus.lib.pagination import paginate
from referrals import sightings
from referrals.filters import ReferralFilter
from referrals.forms.follow_up import (
    CancelForm,
    ContactForm,
    GestureForm,
    HandOverForm,
    InterviewForm,
    OutcomeForm,
    UndoOutcomeForm,
)
from referrals.models import Referral, ReferralState
from referrals.rights import ActKind
from referrals.views.acts import (
    Wanted,
    context_of,
    follow,
    get_act,
    outcome_context,
)


@require_safe
@partner_only
def referrals(request: MemberRequest) -> HttpResponse:
    """My acts, the newest first, by state."""
    mine = Referral.objects.visible_to(request.user)
    chosen = ReferralFilter(mine, request.GET.get("etat", ""))
    page = paginate(
        request, chosen.acts.select_related("offer", "candidate", "outcome__code")
    )
    sightings.show(
        request.user,
        Action.PERSONS_LISTED,
        [referral.candidate for referral in page.object_list],
        unasked=page.number == 1 and not chosen.value,
    )
    context = {"page": page, "filter": chosen, "section": "mises-en-contact"}
    return render(request, "referrals/referrals.html", context)


@require_safe
@partner_only
def referral(request: MemberRequest, pk: UUID) -> HttpResponse:
    """One act: its document, what to record next, its life."""
    referral = get_referral(request, pk)
    return show(request, referral)


@require_POST
@partner_only
def referral_hand_over(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The document was handed over (art. 7)."""
    return follow_referral(request, pk, HandOverForm, ReferralState.HANDED_OVER)


@require_POST
@partner_only
def referral_contact(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The candidate contacted the employer."""
    return follow_referral(request, pk, ContactForm, ReferralState.CONTACTED)


@require_POST
@partner_only
def referral_interview(request: MemberRequest, pk: UUID) -> HttpResponse:
    """An interview is fixed or held."""
    return follow_referral(request, pk, InterviewForm, ReferralState.INTERVIEW)


@require_POST
@partner_only
def referral_outcome(request: MemberRequest, pk: UUID) -> HttpResponse:
    """What came of it."""
    return follow_referral(request, pk, OutcomeForm)


@require_POST
@partner_only
def referral_outcome_undo(request: MemberRequest, pk: UUID) -> HttpResponse:
    """One's own outcome taken back within 24 hours."""
    return follow_referral(request, pk, UndoOutcomeForm)


@require_POST
@partner_only
def referral_cancel(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The act is called off."""
    return follow_referral(request, pk, CancelForm, ReferralState.CANCELLED)


def follow_referral(
    request: MemberRequest, pk: UUID, form_class: type[GestureForm], target: str = ""
) -> HttpResponse:
    referral = get_referral(request, pk)
    return follow(request, referral, form_class, show=show, target=target)


def get_referral(request: MemberRequest, pk: UUID) -> Referral:
    referral: Referral = get_act(
        request, ActKind.REFERRAL, pk, "outcome__code", "outcome__by"
    )
    return referral


def show(
    request: MemberRequest, referral: Referral, bound: GestureForm | None = None
) -> HttpResponse:
    """The act's page, with the forms that its state calls for."""
    user = request.user
    wanted: Wanted = {
        "contact_form": (ContactForm, referral.can_be_contacted),
        "interview_form": (InterviewForm, referral.can_be_interviewed),
        "outcome_form": (OutcomeForm, referral.can_record_outcome(user)),
    }
    context = context_of(request, referral, bound, wanted)
    context |= {"referral": referral} | outcome_context(referral, user)
    return render(request, "referrals/referral.html", context)
