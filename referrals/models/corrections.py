"""What a person's sheet said before it was put right (GDPR 16, 19; art. 10; V14)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now

from accounts.models import User
from referrals.models.candidates import Candidate


class CorrectionReason(models.TextChoices):
    """Why: coded, so that nobody writes about the person."""

    MISTAKE = "erreur", "erreur de saisie"
    CHANGE = "changement", "changement de situation"
    ASKED = "demande", "à la demande de la personne (art. 10)"


class Correction(models.Model):
    """One field of a sheet, before and after; the fields of one gesture share a key.

    Never changed (a trigger); it leaves with the sheet.
    """

    gesture = models.UUIDField("geste", default=uuid.uuid4, editable=False)
    candidate = models.ForeignKey(
        Candidate, models.CASCADE, verbose_name="candidat", related_name="corrections"
    )
    field = models.CharField("donnée", max_length=40)
    before = models.CharField("avant", max_length=254, blank=True)
    after = models.CharField("après", max_length=254, blank=True)
    reason = models.CharField("motif", max_length=20, choices=CorrectionReason)
    by = models.ForeignKey(User, models.PROTECT, verbose_name="par", related_name="+")
    at = models.DateTimeField("le", db_default=Now())

    class Meta:
        verbose_name = "rectification"
        verbose_name_plural = "rectifications"
        ordering = ("at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["gesture", "field"], name="field_corrected_once_a_gesture"
            ),
            models.CheckConstraint(
                condition=~models.Q(before=models.F("after")),
                name="correction_changes_something",
            ),
        ]

    def __str__(self) -> str:
        return f"rectification n° {self.pk}"
