from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from opus.lib.dates.formats import date_format


class ImportRun(models.Model):
    """One run of ``import_offers``, with its figures."""

    started_at = models.DateTimeField("commencé le", db_default=Now())
    ended_at = models.DateTimeField("terminé le", null=True)
    files = models.JSONField("fichiers", default=list)
    is_snapshot = models.BooleanField("image complète", default=False)
    read = models.PositiveIntegerField("lues", default=0)
    created = models.PositiveIntegerField("créées", default=0)
    updated = models.PositiveIntegerField("modifiées", default=0)
    unchanged = models.PositiveIntegerField("inchangées", default=0)
    withdrawn = models.PositiveIntegerField("retirées", default=0)
    rejected = models.PositiveIntegerField("rejetées", default=0)
    swapped = models.PositiveIntegerField("coordonnées remises en ordre", default=0)
    placeless = models.PositiveIntegerField("sans lieu précis", default=0)

    class Meta:
        verbose_name = "import d’offres"
        verbose_name_plural = "imports d’offres"
        ordering = ("-started_at",)

    def __str__(self) -> str:
        at = date_format(timezone.localtime(self.started_at), r"j F Y à G \h i")
        return f"import du {at}"


class Quarantine(models.Model):
    """A line that is no offer, with the reason."""

    run = models.ForeignKey(
        ImportRun, models.CASCADE, verbose_name="import", related_name="rejects"
    )
    file = models.CharField("fichier", max_length=200)
    line = models.PositiveIntegerField("ligne")
    reference = models.CharField("n° d’offre", max_length=20, blank=True)
    reason = models.CharField("motif", max_length=300)
    raw = models.TextField("texte reçu", blank=True)
    at = models.DateTimeField("le", db_default=Now())

    class Meta:
        verbose_name = "ligne en quarantaine"
        verbose_name_plural = "quarantaine"
        ordering = ("-at", "line")

    def __str__(self) -> str:
        return f"{self.file}, ligne {self.line}"
