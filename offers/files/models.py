from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from opus.lib.database.states import Stateful, Step, known
from opus.lib.dates import date_format


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


class QuarantineState(models.TextChoices):
    WAITING = "attente", "à traiter"
    CLOSED = "close", "close"


class ClosingReason(models.TextChoices):
    SENT_AGAIN = "renvoyee", "Offre corrigée et renvoyée par France Travail"
    REPORTED = "signalee", "Signalée à qui produit les fichiers"
    USELESS = "inutile", "Ligne vide, d’essai, ou d’une offre qui n’est plus à pourvoir"


class QuarantineQuerySet(models.QuerySet["Quarantine"]):
    def waiting(self) -> Self:
        return self.filter(state=QuarantineState.WAITING)


class Quarantine(Stateful):
    """A line that is no offer, with the reason, until somebody closes it."""

    MOVES = {QuarantineState.WAITING: {QuarantineState.CLOSED}}

    run = models.ForeignKey(
        ImportRun, models.CASCADE, verbose_name="import", related_name="rejects"
    )
    file = models.CharField("fichier", max_length=200)
    line = models.PositiveIntegerField("ligne")
    reference = models.CharField("n° d’offre", max_length=20, blank=True)
    reason = models.CharField("motif", max_length=300)
    raw = models.TextField("texte reçu", blank=True)
    at = models.DateTimeField("le", db_default=Now())
    state = models.CharField(
        "état",
        max_length=20,
        choices=QuarantineState,
        default=QuarantineState.WAITING,
        db_default=QuarantineState.WAITING,
        editable=False,
    )
    closed_because = models.CharField(
        "close parce que",
        max_length=20,
        choices=ClosingReason,
        blank=True,
        db_default="",
        editable=False,
    )

    objects = QuarantineQuerySet.as_manager()

    class Meta:
        verbose_name = "ligne en quarantaine"
        verbose_name_plural = "quarantaine"
        ordering = ("-at", "line")
        constraints = [
            known(QuarantineState, "quarantine_state_is_known"),
            models.CheckConstraint(
                condition=Q(
                    state=QuarantineState.CLOSED,
                    closed_because__in=ClosingReason.values,
                )
                | Q(state=QuarantineState.WAITING, closed_because=""),
                name="closed_line_says_why",
                violation_error_message="Dites pourquoi cette ligne est close.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file}, ligne {self.line}"

    def close(self, *, by: Any, reason: str) -> None:
        self.move_to(
            QuarantineState.CLOSED,
            by=by,
            note={"reason": reason},
            closed_because=reason,
        )


class QuarantineStep(Step):
    line = models.ForeignKey(
        Quarantine, models.CASCADE, verbose_name="ligne", related_name="steps"
    )

    class Meta(Step.Meta):
        verbose_name = "étape d’une ligne en quarantaine"
        verbose_name_plural = "étapes d’une ligne en quarantaine"
