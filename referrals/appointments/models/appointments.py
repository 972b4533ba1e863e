"""Convocations, on offers that France Travail preselects (domain 5.5).

In a slot of the agency, or on a date that the agency confirms (design 2.9).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.agreements.models.conventions import Convention
from accounts.users.models.users import User
from opus.lib.database.states import MoveRefused, state_field
from opus.lib.dates.bounds import days_within, instants_within
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import Act, ActStep, CancelReason, rules_of
from referrals.acts.states import (
    APPOINTMENT_LIVE,
    APPOINTMENT_TO_COME,
    AppointmentState,
)
from referrals.appointments.codes import (
    AbsenceKind,
    CalledOffBy,
    CallOffReason,
    MoveReason,
    NotHandedBecause,
)
from referrals.appointments.ics import calendar_of
from referrals.appointments.models.querysets import AppointmentQuerySet
from referrals.appointments.models.slots import TIME_AND_PLACE, Slot, TimeAndPlace
from referrals.candidate_emails.models import email_of

S = AppointmentState
NOT_YET_AGREED = (
    "L’agence n’a pas encore confirmé ce rendez-vous\u00a0: attendez sa réponse avant "
    "de remettre la convocation."
)


class Appointment(TimeAndPlace, Act):
    KIND = ActKind.APPOINTMENT
    PREFIX = "CVC"
    CANCELLED_SENTENCE = "La convocation a été annulée."
    LIVE = APPOINTMENT_LIVE
    REFUSED = (S.NOT_KEPT,)
    LOCKED = ("state", "at", "slot", "confirmed_at", "date_refused_at")
    CODED = {
        "not_handed": dict(NotHandedBecause.choices),
        "absence": dict(AbsenceKind.choices),
        "moved_because": dict(MoveReason.choices),
        "reason": dict([*CancelReason.choices, *CallOffReason.choices]),
    }
    BADGES = {
        S.PLANNED: "new",
        S.CHANGED: "new",
        S.TO_TELL: "warning",
        S.KEPT: "success",
        S.CANCELLED: "",
    }
    MOVES = {
        S.PLANNED: {S.HANDED_OVER, S.CHANGED, S.TO_TELL, S.CANCELLED},
        S.CHANGED: {S.HANDED_OVER, S.TO_TELL, S.CANCELLED},
        S.HANDED_OVER: {S.CHANGED, S.TO_TELL, S.CANCELLED},
        S.TO_TELL: {S.ATTENDED, S.ABSENT, S.CANCELLED},
        S.ATTENDED: {S.KEPT, S.NOT_KEPT},
    }
    # France Travail's own statuses.
    FT_STATUS = {
        S.CHANGED: "MODIFIE",
        S.ATTENDED: "EFFECTUE",
        S.KEPT: "EFFECTUE",
        S.NOT_KEPT: "EFFECTUE",
        S.ABSENT: "ABSENT",
        S.CANCELLED: "ANNULE",
    }

    state = state_field(S.PLANNED)
    slot = models.ForeignKey(
        Slot,
        models.PROTECT,
        verbose_name="créneau",
        related_name="appointments",
        null=True,
        editable=False,
    )
    # By the agency, if the adviser chose date and place himself (design 2.9).
    confirmed_at = models.DateTimeField("confirmée le", null=True, editable=False)
    # By the agency, which proposes another one; a change clears it.
    date_refused_at = models.DateTimeField("date refusée le", null=True, editable=False)
    absence = models.CharField(
        "absence", max_length=20, choices=AbsenceKind, blank=True, editable=False
    )
    called_off_by = models.CharField(
        "annulée par", max_length=20, choices=CalledOffBy, blank=True, editable=False
    )
    not_handed_because = models.CharField(
        "non remise parce que",
        max_length=20,
        choices=NotHandedBecause,
        blank=True,
        editable=False,
    )
    # The missed one, if the person is convened again.
    follows = models.OneToOneField(
        "self",
        models.PROTECT,
        verbose_name="fait suite à",
        null=True,
        editable=False,
        related_name="followed_by",
    )

    objects = AppointmentQuerySet.as_manager()

    class Meta(Act.Meta):
        verbose_name = "convocation"
        constraints = [
            instants_within("at", name="appointment_at_within_the_years"),
            days_within("handed_over_on", name="appointment_within_the_years"),
            *rules_of(
                "appointment",
                AppointmentState,
                APPOINTMENT_LIVE,
                "Ce candidat est déjà convoqué pour cette offre.",
            ),
            # Article 7: a result needs the hand-over of the document, or a coded
            # reason.
            models.CheckConstraint(
                condition=~Q(state__in=[S.HANDED_OVER, S.ATTENDED, S.KEPT, S.NOT_KEPT])
                | (Q(handed_over_on__isnull=False) & ~Q(channel=""))
                | ~Q(not_handed_because=""),
                name="appointment_is_done_once_handed_over",
                violation_error_message="Marquez le document remis, ou dites pourquoi "
                "il ne l’a pas été (convention, art. 7).",
            ),
            models.CheckConstraint(
                condition=Q(date_refused_at__isnull=True)
                | Q(slot__isnull=True, confirmed_at__isnull=True),
                name="appointment_agreed_is_not_refused",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.ABSENT) | ~Q(absence=""),
                name="appointment_absence_says_which",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.CANCELLED) | ~Q(called_off_by=""),
                name="appointment_is_called_off_by_somebody",
            ),
        ]

    @cached_property
    def until(self) -> dt.date | None:
        """Return the last day of the structure's convention."""
        conventions = Convention.objects.in_force().filter(structure=self.structure_id)
        return conventions.values_list("ends_on", flat=True).first()

    @property
    def ft_status(self) -> str:
        return self.FT_STATUS.get(S(self.state), "PRIS")

    @property
    def is_past(self) -> bool:
        return self.at <= timezone.now()

    @property
    def is_to_come(self) -> bool:
        return self.state in APPOINTMENT_TO_COME and not self.is_past

    @property
    def hour_to_come(self) -> dt.datetime | None:
        return self.at if self.is_to_come else None

    @property
    def why_no_email(self) -> str:
        if self.is_past:
            return "L’heure de ce rendez-vous est passée."
        if self.waits_for_agency:
            return (
                "L’agence n’a pas encore confirmé ce rendez-vous\u00a0: attendez sa "
                "réponse avant d’écrire au candidat."
            )
        return ""

    def calendar(self, *, version: int, at: dt.datetime) -> str:
        return calendar_of(self, version=version, at=at)

    @property
    def waits_for_agency(self) -> bool:
        """Return whether no agency agreed to it yet (design 2.9)."""
        return self.is_to_come and self.slot_id is None and self.confirmed_at is None

    @property
    def waits_for_adviser(self) -> bool:
        """Return whether the agency refused its date: another one is due."""
        return self.is_to_come and self.date_refused_at is not None

    @property
    def can_be_confirmed(self) -> bool:
        return self.waits_for_agency and not self.waits_for_adviser

    @property
    def open_proposal(self) -> Any:
        """Return the date that the agency proposes instead, if unanswered."""
        proposals: Any = self.proposals
        found = (one for one in proposals.all() if one.answered_at is None)
        return next(found, None)

    @property
    def can_be_handed_over(self) -> bool:
        """Return whether it may be handed over: agreed, to come."""
        is_sure = not (self.is_past or self.waits_for_agency)
        return super().can_be_handed_over and is_sure

    @property
    def can_be_changed(self) -> bool:
        return self.is_to_come and self.offer.is_active and self.offer.preselection

    @property
    def can_be_recorded(self) -> bool:
        """Return whether its hour has passed without a result."""
        return self.is_live and self.is_past

    @property
    def was_handed_over(self) -> bool:
        return self.handed_over_on is not None

    @property
    def is_known_to_person(self) -> bool:
        """Return whether she has this date, from her adviser or Opus."""
        if self.was_handed_over:
            return True
        was_emailed: bool | None = self.__dict__.get("was_emailed")
        if was_emailed is None:
            document = self.document
            was_emailed = bool(document and email_of(document))
        return was_emailed

    @property
    def can_be_convened_again(self) -> bool:
        """Return whether it is an absence without a new convocation."""
        return (
            self.state == S.ABSENT
            and self.offer.is_active
            and not Appointment.objects.filter(follows=self).exists()
        )

    def hand_over(self, **how: Any) -> None:
        if self.waits_for_agency:
            raise MoveRefused(NOT_YET_AGREED)
        super().hand_over(**how)

    def be_past(self) -> None:
        self._go_forward(S.TO_TELL, by=None)

    @transaction.atomic
    def change(
        self,
        to: TimeAndPlace,
        *,
        by: User,
        because: MoveReason | str = "",
        is_agreed: bool = False,
    ) -> None:
        """Set another time or place (domain 5.5).

        A second change in a row is a step without a move. The agency's dates are
        confirmed (design 2.9).
        """
        self.lock()
        if self.is_past:
            raise MoveRefused(
                "L’heure de ce rendez-vous est passée : dites ce qu’il en a été, ou "
                "annulez la convocation."
            )
        if to.at <= timezone.now():
            raise MoveRefused("Choisissez une date et une heure à venir.")
        note = {"at": to.at.isoformat()}
        if because:
            note["moved_because"] = str(because)
        slot = to if isinstance(to, Slot) else None
        is_agreed = (is_agreed or by.is_staff) and slot is None
        changes: dict[str, Any] = {
            **{name: getattr(to, name) for name in TIME_AND_PLACE},
            "slot": slot,
            "confirmed_at": timezone.now() if is_agreed else None,
            "date_refused_at": None,
            "reminded_at": None,
            "channel": "",
            "handed_over_on": None,
        }
        if self.state != S.CHANGED:
            self.move_to(S.CHANGED, by=by, note=note, **changes)
            return
        for name, value in changes.items():
            setattr(self, name, value)
        self.save(update_fields=list(changes))
        self.steps.create(origin=self.state, target=self.state, by=by, note=note)

    def confirm(self, *, by: User) -> None:
        """Record the agency's agreement (design 2.9)."""
        self._answer("confirmed_at", by=by, confirmed=True)

    def refuse_date(self, *, by: User, because: str, other: dt.datetime) -> None:
        """Record that the agency refuses its date; ``other``: what it proposes."""
        note = {"proposed": other.isoformat(), "moved_because": str(because)}
        self._answer("date_refused_at", by=by, **note)

    @transaction.atomic
    def _answer(self, field: str, *, by: User, **note: object) -> None:
        self.lock()
        if not self.can_be_confirmed:
            raise MoveRefused(
                "Ce rendez-vous n’attend plus de confirmation : rechargez la page."
            )
        setattr(self, field, timezone.now())
        self.save(update_fields=[field])
        self.steps.create(origin=self.state, target=self.state, by=by, note=note)

    def attend(self, *, by: User, not_handed_because: str = "") -> None:
        """Record the presence; a code if without document (art. 7)."""
        note = {"not_handed": str(not_handed_because)} if not_handed_because else {}
        self._record(
            S.ATTENDED, by=by, note=note, not_handed_because=not_handed_because
        )

    def miss(self, *, by: User, absence: str) -> None:
        self._record(S.ABSENT, by=by, note={"absence": str(absence)}, absence=absence)

    def keep(self, *, by: User) -> None:
        self._go_forward(S.KEPT, by=by)

    def refuse(self, *, by: User) -> None:
        self._go_forward(S.NOT_KEPT, by=by)

    def cancel(self, *, by: User, reason: str = "") -> None:
        """Cancel it, and free its place."""
        gave_up = reason == CancelReason.CANDIDATE
        who = CalledOffBy.CANDIDATE if gave_up else CalledOffBy.ORGANISER
        note = {"reason": str(reason)} if reason else {"undone": "act"}
        self._go_forward(
            S.CANCELLED,
            by=by,
            note=note | {"called_off_by": str(who)},
            called_off_by=who,
        )

    def _record(self, target: str, **changes: object) -> None:
        """Record the result after the hour, with or without job."""
        self.lock()
        if not self.is_past:
            raise MoveRefused(
                "Le rendez-vous n’a pas encore eu lieu : attendez son heure, ou "
                "annulez la convocation."
            )
        if self.state in APPOINTMENT_TO_COME:
            self.move_to(S.TO_TELL, by=None)
        self._go_forward(target, **changes)


class AppointmentStep(ActStep):
    appointment = models.ForeignKey(
        Appointment, models.CASCADE, verbose_name="convocation", related_name="steps"
    )

    class Meta(ActStep.Meta):
        verbose_name = "étape d’une convocation"
        verbose_name_plural = "étapes d’une convocation"
