from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from opus.lib.dates import date_format


class PullKind(models.TextChoices):
    NEWS = "nouveautes", "nouveautés"
    COMPARISON = "comparaison", "comparaison complète"


class PullRunQuerySet(models.QuerySet["PullRun"]):
    def underway(self) -> Self:
        return self.filter(ended_at__isnull=True)


class PullRun(models.Model):
    """One reading of the API, between two dates of creation.

    ``read_to`` is the cursor: offers created before it are written. An interrupted run
    continues from there.
    """

    kind = models.CharField("relève", max_length=12, choices=PullKind)
    started_at = models.DateTimeField("commencée le", default=timezone.now)
    ended_at = models.DateTimeField("terminée le", null=True)
    covers_from = models.DateTimeField("offres créées depuis le")
    covers_to = models.DateTimeField("jusqu’au")
    read_to = models.DateTimeField("lues jusqu’au")
    # Length of the next window, in creation time: as much as fits.
    step = models.DurationField("fenêtre")
    # The API refuses requests until then.
    resume_at = models.DateTimeField("reprise le", null=True)
    requests = models.PositiveIntegerField("requêtes", default=0)
    read = models.PositiveIntegerField("lues", default=0)
    created = models.PositiveIntegerField("créées", default=0)
    updated = models.PositiveIntegerField("modifiées", default=0)
    unchanged = models.PositiveIntegerField("inchangées", default=0)
    rejected = models.PositiveIntegerField("rejetées", default=0)
    # Windows that could not be read in full: nothing is withdrawn from them.
    partial = models.PositiveIntegerField("fenêtres incomplètes", default=0)
    active_before = models.PositiveIntegerField("offres comparées", default=0)
    missing = models.PositiveIntegerField("introuvables", default=0)
    still_there = models.PositiveIntegerField("retrouvées", default=0)
    withdrawn = models.PositiveIntegerField("retirées", default=0)
    held = models.PositiveIntegerField("tenues par un évènement", default=0)
    refusal = models.CharField("refus", max_length=300, blank=True)
    trouble = models.CharField("dernière difficulté", max_length=300, blank=True)

    objects = PullRunQuerySet.as_manager()

    class Meta:
        verbose_name = "relève"
        verbose_name_plural = "relèves de l’API"
        ordering = ("-started_at", "-pk")
        indexes = [models.Index(fields=["kind", "-started_at"], name="pull_last")]

    def __str__(self) -> str:
        at = date_format(timezone.localtime(self.started_at), r"j F Y à G \h i")
        return f"relève du {at}"

    @property
    def is_comparison(self) -> bool:
        return self.kind == PullKind.COMPARISON

    @property
    def differences(self) -> int:
        """Return how many offers the events had missed."""
        return self.created + self.updated + self.withdrawn


class FindingKind(models.TextChoices):
    CREATED = "manquait", "manquait à Opus : créée"
    UPDATED = "modifiee", "plus récente dans l’API : modifiée"
    MISSING = "introuvable", "introuvable dans l’API : second regard à venir"
    GONE = "absente", "introuvable deux fois : à retirer"
    WITHDRAWN = "retiree", "introuvable deux fois : retirée"
    SPARED = "epargnee", "introuvable, mais un évènement en a parlé depuis"
    THERE = "retrouvee", "retrouvée au second regard"
    HELD = "tenue", "visible dans l’API, retirée par un évènement : reste retirée"
    REJECTED = "rejetee", "illisible comme offre"


class PullFinding(models.Model):
    """One offer that differed from the API, and the result."""

    run = models.ForeignKey(
        PullRun, models.CASCADE, verbose_name="relève", related_name="findings"
    )
    reference = models.CharField("n° d’offre", max_length=20, blank=True)
    kind = models.CharField("écart", max_length=12, choices=FindingKind)
    reason = models.CharField("motif", max_length=300, blank=True)
    raw = models.TextField("texte reçu", blank=True)
    at = models.DateTimeField("le", db_default=Now())

    class Meta:
        verbose_name = "écart"
        verbose_name_plural = "écarts avec l’API"
        ordering = ("-at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "reference"],
                condition=~models.Q(reference=""),
                name="one_finding_by_offer",
            )
        ]
        indexes = [models.Index(fields=["run", "kind"], name="finding_kind")]

    def __str__(self) -> str:
        return f"{self.reference or '—'} : {self.get_kind_display()}"
