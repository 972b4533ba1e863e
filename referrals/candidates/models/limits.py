"""Limits that a person set to the use of her data (GDPR 18, 21)."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from referrals.candidates.models.candidates import Candidate

FROZEN = (
    "Les données de ce candidat sont gelées à sa demande (RGPD, art. 18)\xa0: rien "
    "ne se fait ni ne se modifie avant que France Travail lève cette limitation."
)


class Processing(models.TextChoices):
    """What stops; triggers have the same codes."""

    ALL = "tout", "tout usage : les données sont gelées (RGPD)"
    EMAILS = "courriels", "les courriels d’Opus"
    SEARCHES = "veilles", "les recherches enregistrées"
    STATISTICS = "statistiques", "les extraits pour les statistiques"


class ProcessingLimitQuerySet(models.QuerySet["ProcessingLimit"]):
    def in_force(self, *processings: str) -> Self:
        """Filter the limits not lifted: on all use, or on these."""
        concerned = [Processing.ALL, *processings]
        return self.filter(lifted_at__isnull=True, processing__in=concerned)


class ProcessingLimit(models.Model):
    """A limit on one person's data, until it is lifted by decision."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    candidate = models.ForeignKey(
        Candidate, models.CASCADE, verbose_name="candidat", related_name="limits"
    )
    processing = models.CharField("ce qui s’arrête", max_length=12, choices=Processing)
    reference = models.CharField("n° de la demande", max_length=20)
    placed_at = models.DateTimeField("décidée le", db_default=Now())
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="décidée par",
        related_name="+",
    )
    lifted_at = models.DateTimeField("levée le", null=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="levée par",
        related_name="+",
        null=True,
    )

    objects = ProcessingLimitQuerySet.as_manager()

    class Meta:
        verbose_name = "limite à l’usage des données"
        verbose_name_plural = "limites à l’usage des données"
        ordering = ("-placed_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(processing__in=Processing.values),
                name="limit_processing_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(reference=""), name="limit_has_its_request"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="limit_is_lifted_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["candidate", "processing"],
                condition=Q(lifted_at__isnull=True),
                name="one_limit_in_force",
                violation_error_message="Cette limite est déjà en place.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_processing_display()} (demande n° {self.reference})"

    @property
    def stops_all(self) -> bool:
        return self.processing == Processing.ALL


def why_silent(reference: str) -> str:
    return (
        "Ce candidat s’est opposé aux courriels d’Opus, ou a fait geler ses "
        f"données (demande n°\xa0{reference})."
    )
