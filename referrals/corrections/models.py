"""Old values of a corrected record (art. 10; V14)."""

from __future__ import annotations

from django.db import models

from opus.lib.privacy.models import CorrectionBase
from referrals.candidates.models import Candidate


class Correction(CorrectionBase):
    """One field of a candidate; deleted with her."""

    SUBJECT = "candidate"

    candidate = models.ForeignKey(
        Candidate, models.CASCADE, verbose_name="candidat", related_name="corrections"
    )

    class Meta(CorrectionBase.Meta):
        verbose_name = "rectification"
        verbose_name_plural = "rectifications"
        constraints = [
            models.UniqueConstraint(
                fields=["gesture", "field"], name="field_corrected_once_a_gesture"
            ),
            models.CheckConstraint(
                condition=~models.Q(before=models.F("after")),
                name="correction_changes_something",
            ),
        ]
