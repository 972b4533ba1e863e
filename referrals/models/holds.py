"""Persons whose acts a lawsuit or a claim needs past their term (V11)."""

from __future__ import annotations

from django.db import models

from opus.lib.holds import Hold
from referrals.models.candidates import Candidate


class CandidateHold(Hold):
    """A litigation hold on a candidate: sheet, acts, documents, CVs, all of it."""

    SUBJECT = "candidate"

    candidate = models.ForeignKey(
        Candidate,
        models.CASCADE,
        verbose_name="candidat",
        related_name="holds",
        editable=False,
    )

    class Meta(Hold.Meta):
        verbose_name = "conservation pour litige (candidat)"
        verbose_name_plural = "conservations pour litige (candidats)"
