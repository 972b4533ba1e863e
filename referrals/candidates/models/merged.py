"""The numbers of records that were merged into another (V13, V24)."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from referrals.candidates.models.candidates import Candidate


class MergedRecord(models.Model):
    """A former record: the journal and requests of article 10 still name it."""

    former = models.UUIDField("n° de l’ancienne fiche", primary_key=True)
    candidate = models.ForeignKey(
        Candidate, models.CASCADE, verbose_name="candidat", related_name="merged"
    )
    merged_at = models.DateTimeField("réunie le", db_default=Now())
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="réunie par",
        related_name="+",
    )

    class Meta:
        verbose_name = "ancienne fiche réunie"
        verbose_name_plural = "anciennes fiches réunies"
        ordering = ("merged_at", "former")

    def __str__(self) -> str:
        return str(self.former)
