"""Convocations, on offers that France Travail preselects (domain 5.5).

In a slot of the agency, or on a date that the agency confirms (design 2.9).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from itertools import product
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models, transaction
from django.db.models import (
    Count,
    Deferrable,
    ExpressionWrapper,
    F,
    Func,
    Q,
    Value,
)
from django.db.models.functions import Abs, Coalesce, Extract, Now
from django.urls import reverse
from django.utils import timezone

from accounts.models import Agency, Structure, User
from offers.models import Offer, OfferState
from opus.lib.bounds import days_within, instants_within
from opus.lib.dates import date_format
from opus.lib.states import MoveRefused
from opus.lib.text_guard.categories import Category
from opus.lib.text_guard.fields import GuardedCharField
from opus.lib.versions import Versioned
from referrals.ics import calendar_of
from referrals.models.acts import Act, ActQuerySet, ActStep, CancelReason, rules_of
from referrals.models.candidates import Candidate
from referrals.models.states import SUMMONS_LIVE, SUMMONS_TO_COME, SummonsState
from referrals.rights import ActKind

S = SummonsState
FARTHEST = dt.timedelta(days=548)
# Between which hours an agency receives, whatever its own hours are.
OPENS, CLOSES = dt.time(7), dt.time(21)
LONGEST = 480  # minutes


class MeetingMode(models.TextChoices):
    PLACE = "lieu", "sur place"
    PHONE = "telephone", "par téléphone"
    VIDEO = "visio", "en visioconférence"


class AbsenceKind(models.TextChoices):
    """An absence has no consequence, and is not shared (5.5)."""

    EXCUSED = "excusee", "absence excusée"
    UNEXCUSED = "non_excusee", "absence non excusée"


class CalledOffBy(models.TextChoices):
    CANDIDATE = "candidat", "le candidat"
    ORGANISER = "organisateur", "l’organisateur"


class NotHandedBecause(models.TextChoices):
    """Why the document was not handed over before."""

    TOLD = "dit", "la personne a été prévenue de vive voix"
    SAME_DAY = "jour", "rendez-vous pris et tenu le jour même"


class MoveReason(models.TextChoices):
    """Why the agency moves it: a code, no free text."""

    AGENCY = "agence", "l’agence n’est pas disponible"
    EMPLOYER = "employeur", "l’employeur l’a demandé"
    PERSON = "personne", "la personne ne pouvait pas venir"
    CLOSED = "fermeture", "jour férié ou locaux fermés"


LONGEST_PLACE = 200


def place_of(agency: Agency | None) -> str:
    """Return the agency's own address, offered as the place."""
    if agency is None:
        return ""
    town = f"{agency.postcode} {agency.city}".strip()
    place = ", ".join(filter(None, [agency.name, agency.address, town]))
    return place[:LONGEST_PLACE]


def in_an_agency_place(where: str) -> int:
    """Return how many signs of a place are an agency's own address."""
    places = map(place_of, Agency.objects.all())
    return max((len(place) for place in places if where.startswith(place)), default=0)


class Appointment(models.Model):
    """When, how long, how and where."""

    at = models.DateTimeField("date et heure")
    minutes = models.PositiveSmallIntegerField("durée (minutes)", default=30)
    mode = models.CharField(
        "forme", max_length=10, choices=MeetingMode, default=MeetingMode.PLACE
    )
    # An address, the number that rings, or the link.
    where = GuardedCharField(
        "lieu, numéro ou lien",
        max_length=LONGEST_PLACE,
        allows=[Category.PHONE, Category.FT_ID],
        known=in_an_agency_place,
    )

    class Meta:
        abstract = True

    @property
    def ends_at(self) -> dt.datetime:
        return self.at + dt.timedelta(minutes=self.minutes)

    @property
    def is_on_site(self) -> bool:
        return self.mode == MeetingMode.PLACE


class SlotQuerySet(models.QuerySet["Slot"]):
    def with_taken(self) -> Self:
        live = Q(summonses__state__in=SUMMONS_LIVE)
        return self.annotate(taken=Count("summonses", filter=live))

    def open_for(self, offer: Offer) -> Self:
        """Return the agency's future slots with a place, for the offer or any."""
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


# From its hour until its end, in UTC: an expression that PostgreSQL can index.
BEGINNING = Func("at", template="(%(expressions)s AT TIME ZONE 'UTC')")
END = Func(
    BEGINNING,
    "minutes",
    arg_joiner=" + INTERVAL '1 minute' * ",
    template="(%(expressions)s)",
)
PERIOD = Func(BEGINNING, END, function="tsrange", output_field=DateTimeRangeField())


class Slot(Versioned, Appointment):
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

    # How many places are taken, where ``with_taken`` was asked.
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
            # Checked at commit: a slot that moves by a quarter of an hour is opened
            # before the old one is closed.
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
        return self.summonses.filter(state__in=SUMMONS_LIVE).count()

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
    def let_nobody_more_in(self) -> None:
        """Close it, or reduce it to the places taken."""
        Slot.objects.select_for_update(no_key=True).get(pk=self.pk)
        if taken := self.places_taken:
            self.capacity = taken
            self.save(update_fields=["capacity"])
        else:
            self.close()


class SummonsQuerySet(ActQuerySet["Summons"]):
    def past_without_status(self) -> Self:
        return self.filter(state__in=SUMMONS_LIVE, at__lte=timezone.now())

    def long_without_status(self) -> Self:
        """Return those past for so long that a reminder is due (5.8)."""
        since = timezone.now() - settings.SUMMONS_TOLD_WITHIN
        return self.filter(state__in=SUMMONS_LIVE, at__lte=since)

    def to_hand_over(self) -> Self:
        """Return future ones without hand-over (art. 7)."""
        return self.filter(state__in=[S.PLANNED, S.CHANGED])

    def waiting_for_agency(self) -> Self:
        """Return future ones that the agency has not confirmed (2.9)."""
        return self.filter(
            state__in=SUMMONS_TO_COME,
            at__gt=timezone.now(),
            slot__isnull=True,
            confirmed_at__isnull=True,
        )

    def wanting_a_step(self) -> Self:
        return self.live().filter(
            Q(state__in=[S.PLANNED, S.CHANGED])
            | Q(at__lte=timezone.now())
            | ~Q(offer__state=OfferState.ACTIVE)
        )

    def nearest_first(self) -> Self:
        """Sort: future ones first, then past ones, both nearest first."""
        now = timezone.now()
        away = Abs(Extract(F("at") - Value(now, models.DateTimeField()), "epoch"))
        is_past = ExpressionWrapper(Q(at__lte=now), models.BooleanField())
        return self.order_by(is_past, away, "pk")

    def missed(self, offer: Offer, candidate: Candidate) -> Summons | None:
        """Return the absence that a new convocation replaces."""
        return self.filter(
            offer=offer,
            candidate=candidate,
            state=S.ABSENT,
            followed_by__isnull=True,
        ).first()


class Summons(Appointment, Act):
    KIND = ActKind.SUMMONS
    PREFIX = "CVC"
    LIVE = SUMMONS_LIVE
    LOCKED = ("state", "at", "slot", "confirmed_at")
    CODED = {
        "not_handed": dict(NotHandedBecause.choices),
        "absence": dict(AbsenceKind.choices),
        "moved_because": dict(MoveReason.choices),
        "reason": dict(CancelReason.choices),
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

    state = models.CharField(
        "état",
        max_length=20,
        choices=SummonsState,
        default=S.PLANNED,
        editable=False,
    )
    # As in ``Act``, by the plural that the word has.
    offer = models.ForeignKey(
        Offer, models.PROTECT, verbose_name="offre", related_name="summonses"
    )
    candidate = models.ForeignKey(
        Candidate, models.PROTECT, verbose_name="candidat", related_name="summonses"
    )
    structure = models.ForeignKey(
        Structure, models.PROTECT, verbose_name="structure", related_name="summonses"
    )
    adviser = models.ForeignKey(
        User, models.PROTECT, verbose_name="conseiller", related_name="summonses"
    )
    slot = models.ForeignKey(
        Slot,
        models.PROTECT,
        verbose_name="créneau",
        related_name="summonses",
        null=True,
        editable=False,
    )
    # By the agency, where the adviser chose date and place himself (design 2.9).
    confirmed_at = models.DateTimeField("confirmée le", null=True, editable=False)
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
    # The one that was missed, where the person is convened again.
    follows = models.OneToOneField(
        "self",
        models.PROTECT,
        verbose_name="fait suite à",
        null=True,
        editable=False,
        related_name="followed_by",
    )

    objects = SummonsQuerySet.as_manager()

    class Meta(Act.Meta):
        verbose_name = "convocation"
        constraints = [
            instants_within("at", name="summons_at_within_the_years"),
            days_within("handed_over_on", name="summons_within_the_years"),
            *rules_of(
                "summons",
                SummonsState,
                SUMMONS_LIVE,
                "Cette personne est déjà convoquée pour cette offre.",
            ),
            # Article 7: an appointment was kept once the document was handed over, or
            # for a coded reason.
            models.CheckConstraint(
                condition=~Q(
                    state__in=[
                        S.HANDED_OVER,
                        S.ATTENDED,
                        S.KEPT,
                        S.NOT_KEPT,
                    ]
                )
                | (Q(handed_over_on__isnull=False) & ~Q(channel=""))
                | ~Q(not_handed_because=""),
                name="summons_is_done_once_handed_over",
                violation_error_message="Enregistrez la remise de la convocation, ou "
                "pourquoi elle n’a pas été remise (convention, art. 7).",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.ABSENT) | ~Q(absence=""),
                name="summons_absence_is_told",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.CANCELLED) | ~Q(called_off_by=""),
                name="summons_is_called_off_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("summons", args=[self.pk])

    @property
    def ft_status(self) -> str:
        return self.FT_STATUS.get(S(self.state), "PRIS")

    @property
    def is_past(self) -> bool:
        return self.at <= timezone.now()

    @property
    def is_to_come(self) -> bool:
        return self.state in SUMMONS_TO_COME and not self.is_past

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
                "réponse avant d’écrire à la personne."
            )
        return ""

    def calendar(self, *, version: int, at: dt.datetime) -> str:
        return calendar_of(self, version=version, at=at)

    @property
    def waits_for_agency(self) -> bool:
        """Whether the agency must confirm (design 2.9)."""
        return self.is_to_come and self.slot_id is None and self.confirmed_at is None

    @property
    def can_be_handed_over(self) -> bool:
        """Also after its hour, to record it late."""
        return super().can_be_handed_over and not self.is_past

    @property
    def can_be_changed(self) -> bool:
        return self.is_to_come and self.offer.is_active

    @property
    def can_be_told(self) -> bool:
        """Whether its hour has passed without a result."""
        return self.is_live and self.is_past

    @property
    def was_handed_over(self) -> bool:
        return self.handed_over_on is not None

    @property
    def can_be_convened_again(self) -> bool:
        """Once after an absence."""
        return (
            self.state == S.ABSENT
            and self.offer.is_active
            and not Summons.objects.filter(follows=self).exists()
        )

    def be_past(self) -> None:
        self._go_forward(S.TO_TELL, by=None)

    @transaction.atomic
    def change(
        self, appointment: Appointment, *, by: User, because: MoveReason | str = ""
    ) -> None:
        """Set another time or place; the document becomes void (domain 5.5).

        A second change in a row is a step without a move. The agency's dates are
        confirmed (design 2.9).
        """
        self.lock()
        if self.is_past:
            raise MoveRefused(
                "L’heure de ce rendez-vous est passée : dites ce qu’il en a été, ou "
                "annulez la convocation."
            )
        if appointment.at <= timezone.now():
            raise MoveRefused("Choisissez une date et une heure à venir.")
        note = {"at": appointment.at.isoformat()}
        if because:
            note["moved_because"] = str(because)
        slot = appointment if isinstance(appointment, Slot) else None
        is_agreed = by.is_staff and slot is None
        changes: dict[str, Any] = {
            "at": appointment.at,
            "minutes": appointment.minutes,
            "mode": appointment.mode,
            "where": appointment.where,
            "slot": slot,
            "confirmed_at": timezone.now() if is_agreed else None,
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

    @transaction.atomic
    def confirm(self, *, by: User) -> None:
        """Record the agency's agreement (design 2.9)."""
        self.lock()
        if not self.waits_for_agency:
            raise MoveRefused(
                "Ce rendez-vous n’attend plus de confirmation : rechargez la page."
            )
        self.confirmed_at = timezone.now()
        self.save(update_fields=["confirmed_at"])
        self.steps.create(
            origin=self.state, target=self.state, by=by, note={"confirmed": True}
        )

    def attend(self, *, by: User, not_handed_because: str = "") -> None:
        """Record the presence; a code if without a document (art. 7)."""
        note = {"not_handed": str(not_handed_because)} if not_handed_because else {}
        self._tell(
            S.ATTENDED,
            by=by,
            note=note,
            not_handed_because=not_handed_because,
        )

    def miss(self, *, by: User, absence: str) -> None:
        self._tell(S.ABSENT, by=by, note={"absence": str(absence)}, absence=absence)

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

    def _tell(self, target: str, **changes: object) -> None:
        """Record the result, past its hour, whether the job ran or not."""
        self.lock()
        if not self.is_past:
            raise MoveRefused(
                "Le rendez-vous n’a pas encore eu lieu : attendez son heure, ou "
                "annulez la convocation."
            )
        if self.state in SUMMONS_TO_COME:
            self.move_to(S.TO_TELL, by=None)
        self._go_forward(target, **changes)


class SummonsStep(ActStep):
    summons = models.ForeignKey(
        Summons,
        models.CASCADE,
        verbose_name="convocation",
        related_name="steps",
    )

    class Meta(ActStep.Meta):
        verbose_name = "étape d’une convocation"
        verbose_name_plural = "étapes d’une convocation"
