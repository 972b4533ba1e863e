"""Convocations, on offers that France Travail preselects (domain 5.5).

In a slot of the agency, or on a date that the agency confirms (design 2.9).
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import ExpressionWrapper, F, Q, Value
from django.db.models.functions import Abs, Extract
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.agreements.models.conventions import Convention
from accounts.users.models.users import User
from offers.catalogue.models import Offer
from opus.lib.database.states import MoveRefused
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act, ActQuerySet, KindManager
from referrals.acts.states import (
    APPOINTMENT_LIVE,
    APPOINTMENT_TO_COME,
    AbsenceKind,
    AppointmentState,
    CalledOffBy,
    CancelReason,
    NotHandedBecause,
)
from referrals.appointments.codes import CallOffReason, MoveReason
from referrals.appointments.ics import calendar_of
from referrals.appointments.models.slots import (
    DETAILS,
    TIME_AND_PLACE,
    AppointmentDetails,
    Slot,
    TimeAndPlace,
)
from referrals.candidate_emails.models import email_of
from referrals.candidates.models import Candidate

S = AppointmentState
NOT_YET_AGREED = (
    "L’agence n’a pas encore confirmé ce rendez-vous\u00a0: attendez sa réponse avant "
    "de remettre la convocation."
)


class AppointmentQuerySet(ActQuerySet["Appointment"]):
    def past_without_status(self) -> Self:
        return self.filter(state__in=APPOINTMENT_LIVE, details__at__lte=timezone.now())

    def long_without_status(self) -> Self:
        """Filter those past and due for a reminder (5.8)."""
        since = timezone.now() - settings.APPOINTMENT_TOLD_WITHIN
        return self.filter(state__in=APPOINTMENT_LIVE, details__at__lte=since)

    def waiting_for_agency(self) -> Self:
        """Return future ones that the agency has not confirmed (2.9)."""
        return self.filter(
            state__in=APPOINTMENT_TO_COME,
            details__at__gt=timezone.now(),
            details__slot__isnull=True,
            details__confirmed_at__isnull=True,
            details__date_refused_at__isnull=True,
        )

    def nearest_first(self) -> Self:
        """Sort: future ones first, then past ones, both nearest first."""
        now = timezone.now()
        away = Abs(
            Extract(F("details__at") - Value(now, models.DateTimeField()), "epoch")
        )
        is_past = ExpressionWrapper(Q(details__at__lte=now), models.BooleanField())
        return self.order_by(is_past, away, "pk")

    def missed(self, offer: Offer, candidate: Candidate) -> Any:
        """Return the absence that a new convocation replaces."""
        return self.filter(
            offer=offer, candidate=candidate, state=S.ABSENT, followed_by__isnull=True
        ).first()


class AppointmentManager(KindManager.from_queryset(AppointmentQuerySet)):  # type: ignore[misc]
    """Convocations, each read with its details."""

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("details")


def of_details(name: str) -> Any:
    """Return a property that reads it from the act's details."""
    return property(lambda act: getattr(act.details, name))


class Appointment(Act):
    KIND = ActKind.APPOINTMENT
    PREFIX = "CVC"
    CANCELLED_SENTENCE = "La convocation a été annulée."
    FIRST = S.PLANNED
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

    objects: ClassVar[Any] = AppointmentManager()
    details: AppointmentDetails

    at = of_details("at")
    ends_at = of_details("ends_at")
    minutes = of_details("minutes")
    mode = of_details("mode")
    get_mode_display = of_details("get_mode_display")
    is_on_site = of_details("is_on_site")
    where = of_details("where")
    slot = of_details("slot")
    slot_id = of_details("slot_id")
    confirmed_at = of_details("confirmed_at")
    date_refused_at = of_details("date_refused_at")

    class Meta:
        proxy = True
        verbose_name = "convocation"

    @classmethod
    def draft(cls, **fields: Any) -> Self:
        details = {name: fields.pop(name) for name in DETAILS if name in fields}
        act = super().draft(**fields)
        act.details = AppointmentDetails(**details)
        return act

    @transaction.atomic
    def save_new(self) -> None:
        super().save_new()
        self.details.act_id = self.pk
        self.details.save(force_insert=True)

    def lock(self) -> None:
        super().lock()
        self.details.refresh_from_db()

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
        for name in TIME_AND_PLACE:
            setattr(self.details, name, getattr(to, name))
        self.details.slot = slot
        self.details.confirmed_at = timezone.now() if is_agreed else None
        self.details.date_refused_at = None
        self.details.save()
        changes: dict[str, Any] = {
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
        setattr(self.details, field, timezone.now())
        self.details.save(update_fields=[field])
        self.steps.create(origin=self.state, target=self.state, by=by, note=note)

    def attend(self, *, by: User, not_handed_because: str = "") -> None:
        """Record the presence; a code if without document (art. 7)."""
        note = {"not_handed": str(not_handed_because)} if not_handed_because else {}
        self._record(S.ATTENDED, by=by, note=note, reason=not_handed_because)

    def miss(self, *, by: User, absence: str) -> None:
        self._record(S.ABSENT, by=by, note={"absence": str(absence)}, reason=absence)

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
            S.CANCELLED, by=by, note=note | {"called_off_by": str(who)}, reason=who
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
