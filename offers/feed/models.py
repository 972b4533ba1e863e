from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from offers.catalogue.models import SEQUENCE_DIGITS
from offers.enums import OfferState
from opus.lib.dates import date_format


class EventKind(models.TextChoices):
    CREATED = "creee", "créée"
    CHANGED = "modifiee", "modifiée"
    SUSPENDED = "suspendue", "suspendue"
    REACTIVATED = "reactivee", "réactivée"
    CANCELLED = "annulee", "annulée"
    FILLED = "pourvue", "pourvue"


class Channel(models.TextChoices):
    PUSH = "evenements", "évènements"
    PULL = "releve", "relève"


class FeedDelivery(models.Model):
    """An accepted batch, even empty, or a successful poll (S36)."""

    channel = models.CharField("voie", max_length=12, choices=Channel)
    key = models.CharField("empreinte du lot", max_length=64)
    received_at = models.DateTimeField("reçu le", db_default=Now())
    received = models.PositiveIntegerField("évènements", default=0)
    applied = models.PositiveIntegerField("appliqués", default=0)
    ignored = models.PositiveIntegerField("ignorés", default=0)
    rejected = models.PositiveIntegerField("rejetés", default=0)
    # Age of its newest event on arrival, by that event's own time.
    lag_seconds = models.FloatField("retard (s)", null=True)

    class Meta:
        verbose_name = "lot du flux"
        verbose_name_plural = "flux des offres"
        ordering = ("-received_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "key"], name="one_delivery_by_key"
            )
        ]
        indexes = [models.Index(fields=["-received_at"], name="delivery_last")]

    def __str__(self) -> str:
        at = date_format(timezone.localtime(self.received_at), r"j F Y à G \h i")
        return f"lot du {at}"


class FeedEvent(models.Model):
    """An accepted event; its id and its sequence count once."""

    event_id = models.CharField("évènement", max_length=200, primary_key=True)
    reference = models.CharField("n° d’offre", max_length=20)
    sequence = models.DecimalField(
        "n° d’ordre", max_digits=SEQUENCE_DIGITS, decimal_places=0
    )
    kind = models.CharField("type", max_length=12, choices=EventKind)
    received_at = models.DateTimeField("reçu le", db_default=Now())

    class Meta:
        verbose_name = "évènement reçu"
        verbose_name_plural = "évènements reçus"
        ordering = ("-received_at", "event_id")
        constraints = [
            models.UniqueConstraint(
                fields=["reference", "sequence"], name="one_event_by_sequence"
            )
        ]
        indexes = [models.Index(fields=["received_at"], name="event_age")]

    def __str__(self) -> str:
        return f"{self.reference} n° {self.sequence} ({self.get_kind_display()})"


class PendingOffer(models.Model):
    """The state of an offer without content yet."""

    reference = models.CharField("n° d’offre", max_length=20, primary_key=True)
    state = models.CharField("état", max_length=12, choices=OfferState)
    state_sequence = models.DecimalField(
        "n° d’ordre", max_digits=SEQUENCE_DIGITS, decimal_places=0
    )
    at = models.DateTimeField("depuis", db_default=Now())

    class Meta:
        verbose_name = "offre sans contenu"
        verbose_name_plural = "offres sans contenu"
        ordering = ("at", "reference")

    def __str__(self) -> str:
        return self.reference


class EventQuarantineQuerySet(models.QuerySet["EventQuarantine"]):
    def waiting(self) -> Self:
        return self.filter(settled_at__isnull=True)


class EventQuarantine(models.Model):
    """A rejected event with its reason; repeats are counted."""

    # The event as received, odd characters escaped, cut if too long.
    raw = models.TextField("texte reçu")
    is_cut = models.BooleanField("texte coupé", default=False)
    fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    event_id = models.CharField("évènement", max_length=200, blank=True)
    reference = models.CharField("n° d’offre", max_length=20, blank=True)
    reason = models.CharField("motif", max_length=300)
    first_at = models.DateTimeField("reçu le", db_default=Now())
    last_at = models.DateTimeField("vu la dernière fois", db_default=Now())
    times = models.PositiveIntegerField("fois", default=1)
    settled_at = models.DateTimeField("réglé le", null=True)
    result = models.CharField("résultat", max_length=200, blank=True)

    objects = EventQuarantineQuerySet.as_manager()

    class Meta:
        verbose_name = "évènement rejeté"
        verbose_name_plural = "évènements rejetés"
        ordering = ("-last_at", "pk")
        indexes = [
            models.Index(
                fields=["-last_at"],
                condition=Q(settled_at__isnull=True),
                name="event_quarantine_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"évènement {self.event_id or self.pk}"

    @property
    def is_waiting(self) -> bool:
        return self.settled_at is None

    @property
    def can_be_replayed(self) -> bool:
        return self.is_waiting and not self.is_cut
