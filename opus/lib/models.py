from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Self

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Count, F, Q
from django.db.models.functions import Now, TruncMonth
from django.utils import timezone

from opus.lib.dates import moment
from opus.lib.text_guard.categories import Category


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def about(self, target_type: str, target_id: str) -> Self:
        """Filter entries about an object, parts of other entries included."""
        within = [{"target": f"{target_type} {target_id}"}]
        return self.filter(
            Q(target_type=target_type, target_id=target_id)
            | Q(details__has_key="parts", details__parts__contains=within)
        )

    def telling(self, action: str) -> Self:
        within = [{"action": action}]
        return self.filter(
            Q(action=action)
            | Q(details__has_key="parts", details__parts__contains=within)
        )


class AuditEntry(models.Model):
    """One journal entry, from ``opus.lib.audit.record`` only; key: (id, at)."""

    at = models.DateTimeField("le", db_default=Now())
    actor_id = models.BigIntegerField("compte n°", null=True)
    actor = models.CharField("identifiant", max_length=40, blank=True)
    role = models.CharField("rôle", max_length=20, blank=True)
    structure_id = models.BigIntegerField("structure n°", null=True)
    action = models.CharField("action", max_length=40)
    target_type = models.CharField("objet", max_length=60, blank=True)
    target_id = models.CharField("n° de l’objet", max_length=60, blank=True)
    persons = models.PositiveIntegerField("personnes", default=0)
    # Numbers of the candidates, and of those far from the structure.
    person_ids = ArrayField(models.UUIDField(), default=list)
    far_ids = ArrayField(models.UUIDField(), default=list)
    # A random name that distinguishes sessions and opens none.
    session = models.CharField("session", max_length=16, blank=True)
    refused = models.CharField("motif de refus", max_length=200, blank=True)
    request_id = models.CharField("requête", max_length=32, blank=True)
    ip = models.GenericIPAddressField("adresse", null=True)
    agent = models.CharField("navigateur", max_length=200, blank=True)
    details = models.JSONField("précisions", default=dict)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = "ligne du journal"
        verbose_name_plural = "journal"
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.action} {self.target_type} {self.target_id}"


class OutboxQuerySet(models.QuerySet["OutboxEntry"]):
    def waiting(self) -> Self:
        return self.filter(
            sent_at__isnull=True, dropped_at__isnull=True, given_up_at__isnull=True
        )

    def due(self) -> Self:
        return self.waiting().filter(next_attempt_at__lte=timezone.now())


class OutboxEntry(models.Model):
    """One effect outside the database, written in the transaction of its cause (R6)."""

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
                condition=Q(
                    sent_at__isnull=True,
                    dropped_at__isnull=True,
                    given_up_at__isnull=True,
                ),
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


class JobRunQuerySet(models.QuerySet["JobRun"]):
    def overdue(self) -> Self:
        """Filter those late by twice their interval and a minute."""
        waited = 2 * F("every") + dt.timedelta(minutes=1)
        return self.filter(ended_at__lt=timezone.now() - waited)


class JobRun(models.Model):
    name = models.CharField("tâche", max_length=40, primary_key=True)
    every = models.DurationField("toutes les")
    ended_at = models.DateTimeField("dernière fin")
    error = models.CharField("erreur du dernier essai", max_length=60, blank=True)

    objects = JobRunQuerySet.as_manager()

    class Meta:
        verbose_name = "tâche de fond"
        verbose_name_plural = "tâches de fond"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class TextGuardCountQuerySet(models.QuerySet["TextGuardCount"]):
    def past(self) -> Self:
        """Filter those older than twelve months, as in the journal."""
        return self.filter(on__lt=timezone.localdate() - relativedelta(months=12))

    def by_month(self) -> models.QuerySet[TextGuardCount, Any]:
        """Count by month, field and category; no account, no day."""
        rows = self.annotate(month=TruncMonth("on")).values(
            "place", "category", "is_passed", "month"
        )
        return rows.annotate(number=Count("pk")).order_by(
            "-month", "place", "category", "is_passed"
        )


class TextGuardCount(models.Model):
    """A refused or confirmed text, without the text or an account key (V4)."""

    on = models.DateField("le", default=timezone.localdate)
    account_id = models.BigIntegerField("compte n°", null=True)
    place = models.CharField("champ", max_length=80)
    category = models.CharField("sujet", max_length=20, choices=Category)
    # The author confirmed that it is about nobody.
    is_passed = models.BooleanField("confirmé", default=False)

    objects = TextGuardCountQuerySet.as_manager()

    class Meta:
        verbose_name = "texte refusé ou confirmé"
        verbose_name_plural = "textes refusés ou confirmés"
        ordering = ("-on", "-pk")

    def __str__(self) -> str:
        return f"{self.place} {self.category}"


class TextFinding(models.Model):
    """The place of an old text that today's rules refuse (V5)."""

    at = models.DateTimeField("trouvé le", db_default=Now())
    place = models.CharField("champ", max_length=80)
    target_id = models.CharField("n° de l’objet", max_length=60)
    category = models.CharField("sujet", max_length=20, choices=Category)
    version = models.PositiveIntegerField("version des règles")

    class Meta:
        verbose_name = "texte à reprendre"
        verbose_name_plural = "textes à reprendre"
        ordering = ("-at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["place", "target_id", "category"],
                name="one_finding_by_text_and_category",
            )
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.target_id} {self.category}"


class TextScan(models.Model):
    """A version of the rules that has read every text (V5)."""

    fingerprint = models.CharField("empreinte", max_length=16, primary_key=True)
    version = models.PositiveIntegerField("version des règles")
    ended_at = models.DateTimeField("relu le", db_default=Now())

    class Meta:
        verbose_name = "relecture des textes"
        verbose_name_plural = "relectures des textes"
        ordering = ("-ended_at",)

    def __str__(self) -> str:
        return f"version {self.version}"


# The key of the rows that could not be purged.
FAILED = "lignes en erreur"


class PurgeRun(models.Model):
    """One run of the purge (V10, R25); a killed run keeps its batches' counts."""

    began_at = models.DateTimeField("commencée le", db_default=Now())
    ended_at = models.DateTimeField("finie le", null=True)
    # Class → kind → count; no name, no number of a person.
    counts = models.JSONField("supprimé ou effacé", default=dict)

    class Meta:
        verbose_name = "purge des données personnelles"
        verbose_name_plural = "purges des données personnelles"
        ordering = ("-began_at",)

    def __str__(self) -> str:
        return moment(self.began_at)

    @property
    def total(self) -> int:
        return sum(sum(told.values()) for told in self.counts.values()) - self.failures

    @property
    def failures(self) -> int:
        return sum(told.get(FAILED, 0) for told in self.counts.values())

    def failed(self, retention: str) -> int:
        return int(self.counts.get(retention, {}).get(FAILED, 0))

    def add(self, retention: str, counts: dict[str, int]) -> None:
        """Add a batch's counts in its transaction; a preview saves nothing."""
        told = self.counts.setdefault(retention, {})
        for what, number in counts.items():
            told[what] = told.get(what, 0) + number
        if self.pk is not None:
            self.save(update_fields=["counts"])


class Instance(models.Model):
    """The one row of the Opus that owns this database (R21)."""

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


class FindingQuerySet(models.QuerySet["Finding"]):
    def broken(self) -> Self:
        return self.filter(count__gt=0)


class Finding(models.Model):
    """Rows that break an invariant, as of last night (R28)."""

    name = models.CharField("contrôle", max_length=60, primary_key=True)
    count = models.PositiveIntegerField("lignes en défaut")
    checked_at = models.DateTimeField("contrôlé le")
    first_at = models.DateTimeField("en défaut depuis le", null=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = "contrôle de cohérence"
        verbose_name_plural = "contrôles de cohérence"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
