"""Time and place of a meeting; slots of agencies (2.9)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from itertools import product
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models, transaction
from django.db.models import Count, Deferrable, F, Func, Q, Value
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from accounts.structures.models import Agency
from accounts.users.models.users import User
from offers.catalogue.models import Offer
from opus.lib.database.states import MoveRefused
from opus.lib.database.versions import Versioned
from opus.lib.dates import date_format, instants_within
from opus.lib.text_guard.categories import Category
from opus.lib.text_guard.model_fields import GuardedCharField
from referrals.acts.models.acts import Act
from referrals.acts.states import APPOINTMENT_LIVE
from referrals.appointments.codes import MeetingMode

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
    # By the agency, if the adviser chose date and place himself (design 2.9).
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
