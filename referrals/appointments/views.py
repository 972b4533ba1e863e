from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.signin.access import MemberRequest, partner_only
from accounts.users.models import User
from referrals.acts.act_rights import ActKind
from referrals.acts.next_step import NextStep
from referrals.acts.states import APPOINTMENT_TO_COME, AppointmentState
from referrals.appointments.actions import SlotTaken
from referrals.appointments.forms import (
    AcceptDateForm,
    AttendForm,
    CancelForm,
    ChangeForm,
    DeclineDateForm,
    MissForm,
)
from referrals.appointments.models import Appointment, AppointmentQuerySet
from referrals.follow_up.forms import HandOverForm
from referrals.follow_up.views import BY_PERSON, NEWEST_FIRST, ActPages, Choices, Wanted

S = AppointmentState
# States with a recorded result.
RECORDED = (S.ATTENDED, S.ABSENT, S.KEPT, S.NOT_KEPT)


class AppointmentPages(ActPages):
    kind = ActKind.APPOINTMENT
    templates = (
        "referrals/appointments/appointments.html",
        "referrals/appointments/appointment.html",
    )
    orders = {
        "": ("le rendez-vous le plus proche", ()),
        "agenda": ("agenda, jour par jour", ("details__at", "pk")),
        "recentes": ("les plus récentes", NEWEST_FIRST),
        "personne": ("nom du candidat", BY_PERSON),
    }
    related = ("details__slot", "follows", "followed_by")
    steps = {
        "remise": ("hand_over", HandOverForm, S.HANDED_OVER),
        "effectuee": ("attend", AttendForm, S.ATTENDED),
        "absence": ("miss", MissForm, S.ABSENT),
        "annuler": ("cancel", CancelForm, S.CANCELLED),
        # A stale page is not told as done: the state says nothing of a proposal.
        "date/accepter": ("date_accept", AcceptDateForm, ""),
        "date/decliner": ("date_decline", DeclineDateForm, ""),
    }

    def get(self, request: MemberRequest, pk: UUID) -> Appointment:
        act: Appointment = super().get(request, pk)
        # Known already: the form needs no query for it.
        act.until = request.convention.ends_on
        return act

    def listed(self, user: User) -> AppointmentQuerySet:
        mine: AppointmentQuerySet = Appointment.objects.visible_to(user)
        return mine.with_next_step().nearest_first()

    def choices(self) -> Choices:
        now = timezone.now()
        to_come = Q(state__in=APPOINTMENT_TO_COME, details__at__gt=now)
        return {
            **super().choices(),
            "a-remettre": ("À remettre", Q(next_step=NextStep.HAND_OVER)),
            "a-refaire": ("À refaire", Q(next_step=NextStep.RENEW)),
            "a-venir": ("À venir", to_come),
            "a-renseigner": ("À renseigner", Q(next_step=NextStep.MEET)),
            "passees": ("Passées", Q(state__in=RECORDED)),
            "annulees": ("Annulées", Q(state=S.CANCELLED)),
        }

    def forms(self, act: Appointment, user: User) -> Wanted:
        return {
            **super().forms(act, user),
            # Also after its hour, until a job or a user changes its state.
            "hand_over_form": (
                HandOverForm,
                act.can_move_to(S.HANDED_OVER) and not act.waits_for_agency,
            ),
            "change_form": (ChangeForm, act.can_be_changed),
            "attend_form": (AttendForm, act.can_be_recorded),
            "miss_form": (MissForm, act.can_be_recorded),
            "cancel_form": (CancelForm, act.can_be_cancelled),
        }

    def context(self, act: Appointment, user: User) -> dict[str, Any]:
        return {"appointment": act, "next_act": getattr(act, "followed_by", None)}


PAGES = AppointmentPages()


@require_safe
@partner_only
def appointment_ics(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Return the appointment as a calendar file, without names."""
    act = PAGES.get(request, pk)
    return HttpResponse(
        act.calendar_for_adviser(),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{act.number}.ics"'},
    )


@require_POST
@partner_only
def appointment_change(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change time or place; show the form again if full."""
    appointment = PAGES.get(request, pk)
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
    return PAGES.show(request, PAGES.get(request, pk), form)
