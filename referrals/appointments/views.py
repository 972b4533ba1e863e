from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.signin.access import partner_only
from accounts.signin.http import MemberRequest
from referrals.acts.act_rights import ActKind
from referrals.acts.states import SummonsState
from referrals.appointments import ics
from referrals.appointments.actions.appointments import SlotTaken
from referrals.appointments.filters import choices_now
from referrals.appointments.forms import AttendForm, CancelForm, ChangeForm, MissForm
from referrals.appointments.models.appointments import Summons
from referrals.follow_up.forms import GestureForm, HandOverForm
from referrals.follow_up.views import (
    Steps,
    Wanted,
    context_of,
    follow,
    get_act,
    list_acts,
)

# URL of a step → its name, form and new state.
STEPS: Steps = {
    "remise": ("hand_over", HandOverForm, SummonsState.HANDED_OVER),
    "effectuee": ("attend", AttendForm, SummonsState.ATTENDED),
    "absence": ("miss", MissForm, SummonsState.ABSENT),
    "annuler": ("cancel", CancelForm, SummonsState.CANCELLED),
}


@require_safe
@partner_only
def summonses(request: MemberRequest) -> HttpResponse:
    mine = Summons.objects.visible_to(request.user).nearest_first()
    return list_acts(
        request, mine, choices_now(), "referrals/appointments/appointments.html"
    )


@require_safe
@partner_only
def summons(request: MemberRequest, pk: UUID) -> HttpResponse:
    return show(request, get_summons(request, pk))


@require_POST
@partner_only
def summons_step(request: MemberRequest, pk: UUID, **step: Any) -> HttpResponse:
    return follow(request, get_summons(request, pk), show=show, **step)


@require_safe
@partner_only
def summons_ics(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Return the appointment as a calendar file, without names."""
    name, content = ics.file_of(get_summons(request, pk))
    return HttpResponse(
        content,
        content_type=ics.CONTENT_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
@partner_only
def summons_change(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change time or place; if the slot is full, show the form again."""
    summons = get_summons(request, pk)
    form = ChangeForm(request.POST, act=summons)
    if form.is_done_already:
        return redirect(summons)
    if form.is_valid():
        try:
            form.save(by=request.user)
        except SlotTaken as error:
            form.choose_for(summons.offer, instead_of=summons.slot)
            form.add_error(None, str(error))
        else:
            messages.success(request, form.done)
            return redirect(summons)
    return show(request, get_summons(request, pk), form)


def get_summons(request: MemberRequest, pk: UUID) -> Summons:
    summons: Summons = get_act(
        request, ActKind.SUMMONS, pk, "slot", "follows", "screened_referral"
    )
    return summons


def show(
    request: MemberRequest, summons: Summons, bound: GestureForm | None = None
) -> HttpResponse:
    wanted: Wanted = {
        # Also after its hour, until a job or a user changes its state.
        "hand_over_form": (HandOverForm, summons.can_move_to(Summons.HANDED_OVER)),
        "change_form": (ChangeForm, summons.can_be_changed),
        "attend_form": (AttendForm, summons.can_be_recorded),
        "miss_form": (MissForm, summons.can_be_recorded),
        "cancel_form": (CancelForm, summons.can_be_cancelled),
    }
    context = context_of(request, summons, bound, wanted) | {
        "summons": summons,
        "followed_by": Summons.objects.filter(follows=summons).first(),
    }
    return render(request, "referrals/appointments/appointment.html", context)
