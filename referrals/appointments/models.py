"""Convocations, on offers that France Travail preselects.

In a slot of the agency, or on a date that the agency confirms. A date that
it refuses is answered by another one: a proposal.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from itertools import product
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models, transaction
from django.db.models import Count, Deferrable, ExpressionWrapper, F, Func, Q, Value
from django.db.models.functions import Abs, Coalesce, Extract, Now
from django.utils import timezone
from django.utils.functional import cached_property
from icalendar import STATUS, Calendar, Event

from accounts.agreements.models.conventions import Convention
from accounts.structures.models import Agency
from accounts.users.models import User
from offers.catalogue.models import Offer
from opus.lib.database.states import MoveRefused
from opus.lib.database.versions import Versioned
from opus.lib.dates import date_format, instants_within
from opus.lib.outbound import outbox
from opus.lib.text_guard.fields import GuardedCharField
from opus.lib.text_guard.rules import Category
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
from referrals.candidate_emails.models import email_of
from referrals.candidates.models import Candidate


class MoveReason(models.TextChoices):
    """The agency's reasons for a move: codes, no text."""

    AGENCY = "agence", "l’agence n’est pas disponible"
    EMPLOYER = "employeur", "l’employeur l’a demandé"
    PERSON = "personne", "le candidat ne pouvait pas venir"
    CLOSED = "fermeture", "jour férié ou locaux fermés"


class CallOffReason(models.TextChoices):
    """The agency's own reasons to call off, beside those of any act."""

    AGENCY = "agence", "l’agence n’est pas disponible"
    EMPLOYER = "employeur", "l’employeur ne reçoit plus"


class MeetingMode(models.TextChoices):
    PLACE = "lieu", "sur place"
    PHONE = "telephone", "par téléphone"
    VIDEO = "visio", "en visioconférence"


FARTHEST = dt.timedelta(days=548)

# The widest opening hours; each agency's own may be shorter.
OPENS, CLOSES = dt.time(7), dt.time(21)

LONGEST = 480  # minutes

LONGEST_PLACE = 200


def place_of(agency: Agency | None) -> str:
    """Return the agency's own address, offered as the place."""
    if agency is None:
        return ""
    town = f"{agency.postcode} {agency.city}".strip()
    place = ", ".join(filter(None, [agency.name, agency.address, town]))
    return place[:LONGEST_PLACE]


def in_an_agency_place(where: str) -> int:
    """Return the length of an agency's address that starts it."""
    places = map(place_of, Agency.objects.all())
    return max((len(place) for place in places if where.startswith(place)), default=0)


# The fields of ``TimeAndPlace``.
TIME_AND_PLACE = ("at", "minutes", "mode", "where")


class TimeAndPlace(models.Model):
    """Time, duration, mode and place."""

    at = models.DateTimeField("date et heure")
    minutes = models.PositiveSmallIntegerField("durée (minutes)", default=30)
    mode = models.CharField(
        "forme", max_length=10, choices=MeetingMode, default=MeetingMode.PLACE
    )
    # An address, a telephone number or a link.
    where = GuardedCharField(
        "lieu, numéro ou lien",
        max_length=LONGEST_PLACE,
        allows=[Category.PHONE, Category.FT_ID],
        known=in_an_agency_place,
    )

    class Meta:
        abstract = True

    @property
    def as_fields(self) -> dict[str, Any]:
        """Return it as an appointment or a proposal has it: a slot with itself."""
        slot = self if isinstance(self, Slot) else None
        return {name: getattr(self, name) for name in TIME_AND_PLACE} | {"slot": slot}

    @property
    def ends_at(self) -> dt.datetime:
        return self.at + dt.timedelta(minutes=self.minutes)

    @property
    def is_on_site(self) -> bool:
        return self.mode == MeetingMode.PLACE


class SlotQuerySet(models.QuerySet["Slot"]):
    def with_taken(self) -> Self:
        live = Q(appointments__act__state__in=APPOINTMENT_LIVE)
        return self.annotate(taken=Count("appointments", filter=live))

    def open_for(self, offer: Offer) -> Self:
        """Return the agency's future slots with a place left."""
        return (
            self.with_taken()
            .filter(
                Q(offer=offer) | Q(offer__isnull=True),
                agency__safir=offer.agency_safir,
                closed_at__isnull=True,
                at__gt=timezone.now(),
                taken__lt=F("capacity"),
            )
            .order_by("at", "pk")
        )

    def overlapped_by(self, wanted: Sequence[Slot]) -> Slot | None:
        """Return an open slot that overlaps one of ``wanted``.

        Lock the agency's row first. ``wanted``: one agency, offer and place, by hour.
        """
        first, last = wanted[0], wanted[-1]
        there = self.filter(
            agency=first.agency,
            offer=first.offer,
            where=first.where,
            closed_at__isnull=True,
            at__gt=first.at - dt.timedelta(minutes=LONGEST),
            at__lt=last.ends_at,
        ).exclude(pk__in=[slot.pk for slot in wanted])
        pairs = product(there, wanted)
        overlaps = (a for a, b in pairs if a.at < b.ends_at and b.at < a.ends_at)
        return next(overlaps, None)


# The interval of a slot, in UTC: PostgreSQL can index the expression.
BEGINNING = Func("at", template="(%(expressions)s AT TIME ZONE 'UTC')")

END = Func(
    BEGINNING,
    "minutes",
    arg_joiner=" + INTERVAL '1 minute' * ",
    template="(%(expressions)s)",
)

PERIOD = Func(BEGINNING, END, function="tsrange", output_field=DateTimeRangeField())


class Slot(Versioned, TimeAndPlace):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(
        Agency, models.PROTECT, verbose_name="agence", related_name="slots"
    )
    offer = models.ForeignKey(
        Offer,
        models.PROTECT,
        verbose_name="offre",
        related_name="slots",
        null=True,
        blank=True,
        help_text="Vide : pour toutes les offres de l’agence.",
    )
    capacity = models.PositiveSmallIntegerField("places", default=1)
    opened_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="ouvert par", related_name="+"
    )
    opened_at = models.DateTimeField("ouvert le", db_default=Now())
    closed_at = models.DateTimeField("fermé le", null=True, editable=False)

    # The number of occupied places; set by ``with_taken``.
    taken: int

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = "créneau"
        verbose_name_plural = "créneaux"
        ordering = ("at", "pk")
        constraints = [
            instants_within("at", name="slot_within_the_years"),
            models.CheckConstraint(
                condition=Q(capacity__gte=1), name="slot_has_a_place"
            ),
            models.CheckConstraint(
                condition=Q(minutes__range=(5, LONGEST)), name="slot_lasts"
            ),
            models.CheckConstraint(
                condition=Q(at__lte=F("opened_at") + FARTHEST),
                name="slot_is_near",
                violation_error_message="Un créneau s’ouvre dix-huit mois d’avance au "
                "plus.",
            ),
            # Checked at commit: a slot that moves by a quarter of an hour opens
            # before the old one closes.
            ExclusionConstraint(
                name="slots_of_one_place_follow_each_other",
                expressions=[
                    ("agency", RangeOperators.EQUAL),
                    (Coalesce("offer", Value("")), RangeOperators.EQUAL),
                    ("where", RangeOperators.EQUAL),
                    (PERIOD, RangeOperators.OVERLAPS),
                ],
                condition=Q(closed_at__isnull=True),
                deferrable=Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return date_format(timezone.localtime(self.at), "j F Y, G \\h i")

    @property
    def is_collective(self) -> bool:
        return self.capacity > 1

    @property
    def already_open(self) -> str:
        return (
            f"Un créneau est déjà ouvert à ce lieu le {self} ({self.minutes}\xa0min)"
            "\xa0: choisissez une autre heure, ou donnez-lui plus de places."
        )

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def places_taken(self) -> int:
        return self.appointments.filter(act__state__in=APPOINTMENT_LIVE).count()

    @property
    def places_left(self) -> int:
        return self.capacity - self.taken

    @transaction.atomic
    def close(self) -> None:
        """Close an empty slot (a trigger checks it too)."""
        rows = Slot.objects.select_for_update(no_key=True)
        self.refresh_from_db(fields=["closed_at"], from_queryset=rows)
        if not self.is_open:
            raise MoveRefused("Ce créneau est déjà fermé.")
        if self.places_taken:
            raise MoveRefused(
                "Ce créneau a déjà été pris : déplacez-le, ou annulez d’abord les "
                "convocations qui l’occupent."
            )
        self.closed_at = timezone.now()
        self.save(update_fields=["closed_at"])

    @transaction.atomic
    def close_to_others(self) -> None:
        """Close it, or reduce it to its occupied places."""
        Slot.objects.select_for_update(no_key=True).get(pk=self.pk)
        if taken := self.places_taken:
            self.capacity = taken
            self.save(update_fields=["capacity"])
        else:
            self.close()


DETAILS = (*TIME_AND_PLACE, "slot", "confirmed_at", "date_refused_at")


class AppointmentDetails(TimeAndPlace):
    """What a convocation has besides any act: its time, its place, who agreed."""

    act = models.OneToOneField(
        Act,
        models.CASCADE,
        verbose_name="convocation",
        related_name="details",
        primary_key=True,
    )
    slot = models.ForeignKey(
        Slot,
        models.PROTECT,
        verbose_name="créneau",
        related_name="appointments",
        null=True,
        editable=False,
    )
    # By the agency, if the adviser chose date and place himself.
    confirmed_at = models.DateTimeField("confirmée le", null=True, editable=False)
    # By the agency, which proposes another one; a change clears it.
    date_refused_at = models.DateTimeField("date refusée le", null=True, editable=False)

    class Meta:
        verbose_name = "date et lieu d’une convocation"
        verbose_name_plural = "dates et lieux des convocations"
        constraints = [
            instants_within("at", name="appointment_at_within_the_years"),
            models.CheckConstraint(
                condition=Q(date_refused_at__isnull=True)
                | Q(slot__isnull=True, confirmed_at__isnull=True),
                name="appointment_agreed_is_not_refused",
            ),
        ]

    def __str__(self) -> str:
        return date_format(timezone.localtime(self.at), "j F Y à G \\h i")


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
        return self.past_without_status().filter(details__at__lte=since)

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

    def calendar(self, *, version: int, at: dt.datetime, url: str = "") -> str:
        """Return one event, which replaces the ones before in a calendar.

        Without names (V17). What is off is cancelled, also by a withdrawn offer or a
        paper that misleads. The sequence grows with the document's ``version``, and by
        the minutes since the act was made: what is off and comes back is newer.
        ``url``: the act's page, for its adviser.
        """
        paper = self.document
        is_off = self.is_to_come and paper is not None and paper.is_void
        is_cancelled = self.state == S.CANCELLED or is_off
        status = STATUS.TENTATIVE if self.waits_for_agency else STATUS.CONFIRMED
        # Never negative, whatever the clocks say.
        since_made = (timezone.now() - self.created_at).total_seconds()
        mode = self.get_mode_display()
        event = Event.new(
            uid=str(self.pk),
            stamp=at.astimezone(dt.UTC),
            sequence=version - 1 + is_cancelled + 2 * max(0, int(since_made) // 60),
            status=STATUS.CANCELLED if is_cancelled else status,
            # In UTC, so that the file needs no time zone definition.
            start=self.at.astimezone(dt.UTC),
            end=self.ends_at.astimezone(dt.UTC),
            summary=f"Convocation n°\u00a0{self.number}"
            + (" (à confirmer)" if self.waits_for_agency else ""),
            location=self.where if self.is_on_site else None,
            description=f"{mode[:1].upper()}{mode[1:]}\u00a0: {self.where}",
            url=url or None,
        )
        prodid = "-//France Travail//Opus//FR"
        calendar = Calendar.new(prodid=prodid, subcomponents=[event])
        return calendar.to_ical().decode()

    def calendar_for_adviser(self) -> str:
        """Return the event of the last document, with the link to the act."""
        document = self.document
        return self.calendar(
            version=document.version if document else 1,
            at=document.created_at if document else self.created_at,
            url=outbox.link(self.get_absolute_url()),
        )

    @property
    def waits_for_agency(self) -> bool:
        """Return whether no agency agreed to it yet."""
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
    def is_known_to_person(self) -> bool:
        """Return whether she has this date, from her adviser or Opus."""
        if self.handed_over_on:
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
        """Set another time or place.

        A second change in a row is a step without a move. The agency's dates are
        confirmed.
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
        is_agreed = (is_agreed or by.is_staff) and not isinstance(to, Slot)
        for name, value in to.as_fields.items():
            setattr(self.details, name, value)
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
        """Record the agency's agreement."""
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


class DateProposal(TimeAndPlace):
    """It takes no place in its slot before the adviser accepts it."""

    appointment = models.ForeignKey(
        Appointment,
        models.PROTECT,
        verbose_name="convocation",
        related_name="proposals",
    )
    slot = models.ForeignKey(
        Slot, models.PROTECT, verbose_name="créneau", related_name="+", null=True
    )
    because = models.CharField("motif", max_length=10, choices=MoveReason)
    proposed_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="proposée par", related_name="+"
    )
    proposed_at = models.DateTimeField("proposée le", db_default=Now())
    answered_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="répondu par", related_name="+", null=True
    )
    answered_at = models.DateTimeField("répondu le", null=True)
    is_accepted = models.BooleanField("acceptée", default=False, db_default=False)

    class Meta:
        verbose_name = "date proposée par une agence"
        verbose_name_plural = "dates proposées par les agences"
        ordering = ("proposed_at", "pk")
        constraints = [
            instants_within("at", name="date_proposal_within_the_years"),
            models.UniqueConstraint(
                fields=["appointment"],
                condition=Q(answered_at__isnull=True),
                name="one_open_date_proposal",
                violation_error_message="Une date attend déjà la réponse du "
                "conseiller.",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, is_accepted=False)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="date_proposal_is_answered_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"Date proposée pour {self.appointment}"
