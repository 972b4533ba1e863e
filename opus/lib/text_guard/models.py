from typing import Any, Self

from dateutil.relativedelta import relativedelta
from django.db import models
from django.db.models import Count
from django.db.models.functions import Now, TruncMonth
from django.utils import timezone

from opus.lib.text_guard.rules import Category


class TextGuardCountQuerySet(models.QuerySet["TextGuardCount"]):
    def past(self) -> Self:
        """Filter those older than twelve months, as in the journal."""
        return self.filter(on__lt=timezone.localdate() - relativedelta(months=12))

    def by_month(self) -> "models.QuerySet[TextGuardCount, Any]":
        """Count by month, field and category; no account, no day."""
        rows = self.annotate(month=TruncMonth("on")).values(
            "place", "category", "is_passed", "month"
        )
        return rows.annotate(number=Count("pk")).order_by(
            "-month", "place", "category", "is_passed"
        )


class TextGuardCount(models.Model):
    """A refused or confirmed text, without its words (V4)."""

    on = models.DateField("le", default=timezone.localdate)
    account_id = models.BigIntegerField("compte n°", null=True)
    place = models.CharField("champ", max_length=80)
    category = models.CharField("sujet", max_length=20, choices=Category)
    # The author confirmed that it concerns no person.
    is_passed = models.BooleanField("confirmé", default=False)

    objects = TextGuardCountQuerySet.as_manager()

    class Meta:
        verbose_name = "texte refusé ou confirmé"
        verbose_name_plural = "textes refusés ou confirmés"
        ordering = ("-on", "-pk")

    def __str__(self) -> str:
        return f"{self.place} {self.category}"


class TextFinding(models.Model):
    """The place of a text that new rules refuse (V5)."""

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
    """A version of the rules that read everything (V5)."""

    fingerprint = models.CharField("empreinte", max_length=16, primary_key=True)
    version = models.PositiveIntegerField("version des règles")
    ended_at = models.DateTimeField("relu le", db_default=Now())

    class Meta:
        verbose_name = "relecture des textes"
        verbose_name_plural = "relectures des textes"
        ordering = ("-ended_at",)

    def __str__(self) -> str:
        return f"version {self.version}"
