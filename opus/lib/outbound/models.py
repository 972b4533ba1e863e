import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

WAITING = Q(sent_at__isnull=True, dropped_at__isnull=True, given_up_at__isnull=True)


class OutboxQuerySet(models.QuerySet["OutboxEntry"]):
    def waiting(self) -> Self:
        return self.filter(WAITING)

    def due(self) -> Self:
        return self.waiting().filter(next_attempt_at__lte=timezone.now())


class OutboxEntry(models.Model):
    """An effect, written in the transaction of its cause (R6)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    effect = models.CharField("effet", max_length=60)
    key = models.CharField("clé", max_length=120)
    arguments = models.JSONField("identifiants", default=dict)
    created_at = models.DateTimeField("demandé le", db_default=Now())
    next_attempt_at = models.DateTimeField("prochain essai", db_default=Now())
    attempts = models.PositiveSmallIntegerField("essais manqués", default=0)
    error = models.CharField("dernière erreur", max_length=60, blank=True)
    sent_at = models.DateTimeField("parti le", null=True)
    dropped_at = models.DateTimeField("sans objet depuis le", null=True)
    given_up_at = models.DateTimeField("abandonné le", null=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = "envoi"
        ordering = ("-created_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["effect", "key"], name="one_effect_for_each_key"
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True, dropped_at__isnull=True)
                | Q(sent_at__isnull=True, given_up_at__isnull=True)
                | Q(dropped_at__isnull=True, given_up_at__isnull=True),
                name="effect_has_one_end",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "created_at"],
                condition=WAITING,
                name="outbox_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.effect} {self.key}"

    @property
    def message_id(self) -> str:
        return f"<{self.pk}@{settings.MESSAGE_ID_HOST}>"

    def settle(self, end: str) -> None:
        setattr(self, end, timezone.now())
        self.save(update_fields=[end])


class KeptMail(models.Model):
    """An e-mail of the demonstration, shown on ``/demo/courriels/``."""

    at = models.DateTimeField("le", db_default=Now())
    to = models.CharField("à", max_length=254)
    subject = models.CharField("objet", max_length=200)
    text = models.TextField("texte")

    class Meta:
        verbose_name = "courriel de démonstration"
        verbose_name_plural = "courriels de démonstration"
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return self.subject


class Instance(models.Model):
    """The row of the Opus that owns this database (R21)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    mark = models.CharField("marque", max_length=300)
    since = models.DateTimeField("depuis le", db_default=Now())

    class Meta:
        verbose_name = "instance"
        verbose_name_plural = "instances"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_instance_only")
        ]

    def __str__(self) -> str:
        return self.mark
