"""Whose data a request concerns, and what was done about them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.users.models.keys import person_key
from opus.lib.database.states import known
from opus.support.data_rights.models.choices import (
    Answer,
    GestureKind,
    OfferPart,
    Refusal,
)
from opus.support.data_rights.models.requests import RightsRequest


class ConcernedCandidate(models.Model):
    """A candidate of the person: one per structure."""

    request = models.ForeignKey(
        RightsRequest, models.CASCADE, verbose_name="demande", related_name="candidates"
    )
    candidate = models.UUIDField("n° de la fiche de candidat")

    class Meta:
        verbose_name = "fiche concernée par une demande"
        verbose_name_plural = "fiches concernées par une demande"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["request", "candidate"], name="candidate_concerned_once"
            )
        ]

    def __str__(self) -> str:
        return f"fiche {self.candidate}"


class ConcernedOffer(models.Model):
    """An offer of the employer who asks: Opus has no other row of him."""

    request = models.ForeignKey(
        RightsRequest, models.CASCADE, verbose_name="demande", related_name="offers"
    )
    offer = models.CharField("n° d’offre", max_length=20)

    class Meta:
        verbose_name = "offre concernée par une demande"
        verbose_name_plural = "offres concernées par une demande"
        ordering = ("offer",)
        constraints = [
            models.UniqueConstraint(
                fields=["request", "offer"], name="offer_concerned_once"
            )
        ]

    def __str__(self) -> str:
        return f"offre n° {self.offer}"


class RightsGesture(models.Model):
    """What was done about the data, and how far (GDPR 12)."""

    request = models.ForeignKey(
        RightsRequest, models.CASCADE, verbose_name="demande", related_name="gestures"
    )
    kind = models.CharField("geste", max_length=20, choices=GestureKind)
    answer = models.CharField("réponse", max_length=20, choices=Answer)
    because = models.CharField(
        "motif de ce qui est refusé", max_length=20, choices=Refusal, blank=True
    )
    # Codes and numbers: what was changed or deleted, how many.
    counts = models.JSONField("en nombres", default=dict)
    at = models.DateTimeField("le", db_default=Now())
    by = person_key()

    class Meta:
        verbose_name = "geste d’une demande de droits"
        verbose_name_plural = "gestes des demandes de droits"
        ordering = ("at", "pk")
        constraints = [
            known(GestureKind, "gesture_kind_is_known", "kind"),
            models.CheckConstraint(
                condition=Q(answer=Answer.GRANTED, because="")
                | Q(answer=Answer.PARTLY, because__in=Refusal.values),
                name="gesture_in_part_with_its_reason",
                violation_error_message="Ce qui n’est accordé qu’en partie a un motif, "
                "qui se dit à la personne.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_answer_display()}"

    @property
    def parts_in_words(self) -> list[str]:
        """Return which parts of the offers an employer's request is about."""
        labels = dict(OfferPart.choices)
        return [labels[one] for one in self.counts.get("parties", [])]

    @property
    def words(self) -> str:
        """Return the line of its page: gesture, answer, reason, numbers."""
        details = [
            f"{what}\xa0: {number}"
            for what, number in self.counts.items()
            if isinstance(number, int)
        ]
        details += [*self.parts_in_words, *self.counts.get("traitements", [])]
        details += [f"par {one}" for one in self.counts.get("par", [])]
        if self.because:
            details.insert(0, f"motif\xa0: {self.get_because_display()}")
        return " ; ".join([str(self), *details])
