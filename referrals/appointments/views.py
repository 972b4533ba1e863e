from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.signin.access import partner_only
from accounts.signin.http import MemberRequest
from referrals.acts.act_rights import ActKind
from referrals.acts.states import AppointmentState
from referrals.appointments import ics
from referrals.appointments.actions.appointments import SlotTaken
from referrals.appointments.filters import choices_now
from referrals.appointments.forms import AttendForm, CancelForm, ChangeForm, MissForm
from referrals.appointments.models.appointments import Appointment
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
    "remise": ("hand_over", HandOverForm, AppointmentState.HANDED_OVER),
    "effectuee": ("attend", AttendForm, AppointmentState.ATTENDED),
    "absence": ("miss", MissForm, AppointmentState.ABSENT),
    "annuler": ("cancel", CancelForm, AppointmentState.CANCELLED),
}


@require_safe
@partner_only
def appointments(request: MemberRequest) -> HttpResponse:
    mine = Appointment.objects.visible_to(request.user).nearest_first()
    return list_acts(
        request, mine, choices_now(), "referrals/appointments/appointments.html"
    )


@require_safe
@partner_only
def appointment(request: MemberRequest, pk: UUID) -> HttpResponse:
    return show(request, get_appointment(request, pk))


@require_POST
@partner_only
def appointment_step(request: MemberRequest, pk: UUID, **step: Any) -> HttpResponse:
    return follow(request, get_appointment(request, pk), show=show, **step)


@require_safe
@partner_only
def appointment_ics(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Return the appointment as a calendar file, without names."""
    name, content = ics.file_of(get_appointment(request, pk))
    return HttpResponse(
        content,
        content_type=ics.CONTENT_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
@partner_only
def appointment_change(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change time or place; if the slot is full, show the form again."""
    appointment = get_appointment(request, pk)
    form = ChangeForm(request.POST, act=appointment)
    if form.is_done_already:
        return redirect(appointment)
    if form.is_valid():
        try:
            form.save(by=request.user)
        except SlotTaken as error:
            form.choose_for(appointment.offer, instead_of=appointment.slot)
            form.add_error(None, str(error))
        else:
            messages.success(request, form.done)
            return redirect(appointment)
    return show(request, get_appointment(request, pk), form)


def get_appointment(request: MemberRequest, pk: UUID) -> Appointment:
    appointment: Appointment = get_act(
        request, ActKind.APPOINTMENT, pk, "slot", "follows", "screened_referral"
    )
    return appointment


def show(
    request: MemberRequest, appointment: Appointment, bound: GestureForm | None = None
) -> HttpResponse:
    wanted: Wanted = {
        # Also after its hour, until a job or a user changes its state.
        "hand_over_form": (
            HandOverForm,
            appointment.can_move_to(Appointment.HANDED_OVER),
        ),
        "change_form": (ChangeForm, appointment.can_be_changed),
        "attend_form": (AttendForm, appointment.can_be_recorded),
        "miss_form": (MissForm, appointment.can_be_recorded),
        "cancel_form": (CancelForm, appointment.can_be_cancelled),
    }
    context = context_of(request, appointment, bound, wanted) | {
        "appointment": appointment,
        "followed_by": Appointment.objects.filter(follows=appointment).first(),
    }
    return render(request, "referrals/appointments/appointment.html", context)
