"""Legal holds on persons (V11), counts of deleted acts (V10)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from opus.lib.privacy.models import LegalHold
from referrals.candidates.models import Candidate

# The value of a column whose own values would have too few persons.
OTHERS = "autres"


class PastActs(models.Model):
    """Acts and persons of a month, department, kind and outcome.

    No key and no date; at least five persons (``WIDER`` widens the cell).
    """

    pk = models.CompositePrimaryKey("period", "department", "kind", "outcome")
    # A month, « 2026-11 », or a year if the month has too few persons.
    period = models.CharField("mois ou année", max_length=7)
    department = models.CharField("département", max_length=6)
    kind = models.CharField("proposition", max_length=20)
    # The coded outcome, or the state in which the act ended.
    outcome = models.CharField("suite", max_length=40)
    acts = models.PositiveIntegerField("propositions")
    persons = models.PositiveIntegerField("candidats")

    class Meta:
        verbose_name = "propositions passées"
        verbose_name_plural = "propositions passées"
        ordering = ("period", "department", "kind", "outcome")
        constraints = [
            models.CheckConstraint(
                condition=Q(persons__gte=settings.KEPT.cell_of),
                name="past_cell_of_five_persons",
            ),
            models.CheckConstraint(
                condition=Q(acts__gte=F("persons")), name="past_cell_has_its_acts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.department} {self.kind} {self.outcome}"


class CandidateHold(LegalHold):
    """A legal hold on a candidate: record, acts, documents, CVs."""

    SUBJECT = "candidate"

    candidate = models.ForeignKey(
        Candidate,
        models.CASCADE,
        verbose_name="candidat",
        related_name="holds",
        editable=False,
    )

    class Meta(LegalHold.Meta):
        verbose_name = "conservation pour litige (candidat)"
        verbose_name_plural = "conservations pour litige (candidats)"
