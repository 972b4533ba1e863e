"""Legal holds on persons past their term (V11)."""

from __future__ import annotations

from django.db import models

from opus.lib.holds import Hold
from referrals.models.candidates import Candidate


class CandidateHold(Hold):
    """A legal hold on a candidate: record, acts, documents, CVs."""

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
