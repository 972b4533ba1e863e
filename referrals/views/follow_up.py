"""My mises en contact, and the page of one: document, follow-up, outcome (U7)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.access import partner_only, wanted
from accounts.http import MemberRequest
from opus.lib.audit import Action
from opus.lib.pagination import paginate
from opus.lib.states import MoveRefused
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
from referrals.timeline import timeline_of
from referrals.withdrawals import Notice, notice_of


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
    return follow(request, pk, HandOverForm, ReferralState.HANDED_OVER)


@require_POST
@partner_only
def referral_contact(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The candidate contacted the employer."""
    return follow(request, pk, ContactForm, ReferralState.CONTACTED)


@require_POST
@partner_only
def referral_interview(request: MemberRequest, pk: UUID) -> HttpResponse:
    """An interview is fixed or held."""
    return follow(request, pk, InterviewForm, ReferralState.INTERVIEW)


@require_POST
@partner_only
def referral_outcome(request: MemberRequest, pk: UUID) -> HttpResponse:
    """What came of it."""
    return follow(request, pk, OutcomeForm)


@require_POST
@partner_only
def referral_outcome_undo(request: MemberRequest, pk: UUID) -> HttpResponse:
    """One's own outcome taken back within 24 hours."""
    return follow(request, pk, UndoOutcomeForm)


@require_POST
@partner_only
def referral_cancel(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The act is called off."""
    return follow(request, pk, CancelForm, ReferralState.CANCELLED)


def follow(
    request: MemberRequest, pk: UUID, form_class: type[GestureForm], target: str = ""
) -> HttpResponse:
    """One gesture: done and back to the act's page, or the page with what to correct.

    The same gesture sent twice is told as done: the first one counted. It comes
    from the act's page, or from the first one, where outcomes are one click away.
    """
    referral = get_referral(request, pk)
    form = form_class(request.POST, referral=referral)
    if not form.is_valid():
        return show(request, referral, form)
    try:
        form.save(by=request.user)
    except MoveRefused:
        referral.refresh_from_db()
        if referral.state != target:
            raise
    messages.success(request, form.done)
    if wanted(request) == (home := reverse("home")):
        return redirect(f"{home}?suite={referral.pk}")
    return redirect(referral)


def get_referral(request: MemberRequest, pk: UUID) -> Referral:
    """An act of one's own candidate; any other does not exist (S20)."""
    mine = Referral.objects.visible_to(request.user).select_related(
        "offer",
        "candidate__adviser",
        "adviser",
        "structure",
        "outcome__code",
        "outcome__by",
    )
    return get_object_or_404(mine, pk=pk)


def show(
    request: MemberRequest, referral: Referral, bound: GestureForm | None = None
) -> HttpResponse:
    """The act's page, with the forms that its state calls for."""
    user = request.user
    sightings.show(user, Action.PERSON_READ, [referral.candidate], target=referral)
    wanted: dict[str, tuple[type[GestureForm], bool]] = {
        "hand_over_form": (HandOverForm, referral.can_be_handed_over),
        "contact_form": (ContactForm, referral.can_be_contacted),
        "interview_form": (InterviewForm, referral.can_be_interviewed),
        "outcome_form": (OutcomeForm, referral.can_record_outcome(user)),
        "cancel_form": (CancelForm, referral.can_be_cancelled),
    }
    context: dict[str, Any] = {
        name: bound if type(bound) is form_class else form_class(referral=referral)
        for name, (form_class, is_open) in wanted.items()
        if is_open
    }
    context |= {
        "referral": referral,
        "document": referral.document,
        "can_undo_outcome": referral.can_undo_outcome(user),
        "timeline": timeline_of(referral),
        "others": other_acts(referral),
        "notice": withdrawal_of(referral),
        "has_errors": bool(bound and bound.errors),
        "section": "mises-en-contact",
    }
    return render(request, "referrals/referral.html", context)


def withdrawal_of(referral: Referral) -> Notice | None:
    """What to say and to propose where the offer of an open act was withdrawn."""
    is_open = referral.is_live and referral.offer_is_withdrawn
    return notice_of(referral) if is_open else None


def other_acts(referral: Referral) -> list[Referral]:
    """After a hire, the person's other acts under way: they may be called off."""
    if not (referral.outcome and referral.outcome.is_hire):
        return []
    acts = referral.candidate.referrals.live().exclude(pk=referral.pk)
    return list(acts.select_related("offer"))
