"""The RGC of a convention: proposed, accepted, in office, gone (art. 4.1 to 4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from accounts.models.conventions import Convention
from opus.lib.states import Stateful, Step

if TYPE_CHECKING:
    from accounts.models.users import User


class NominationState(models.TextChoices):
    """Where the appointment of an RGC stands."""

    PROPOSED = "propose", "proposé"
    ACCEPTED = "accepte", "accepté"
    REFUSED = "refuse", "refusé"
    IN_OFFICE = "en_fonction", "en fonction"
    WITHDRAWN = "retire", "agrément retiré"
    LEFT = "parti", "parti ou absent"


class NominationQuerySet(models.QuerySet["Nomination"]):
    """Questions asked of sets of nominations."""

    def in_office(self) -> Self:
        return self.filter(state=NominationState.IN_OFFICE)


class Nomination(Stateful):
    """The designation of a person as RGC of a convention.

    Proposed by the partner, valid only after the territorial director's written
    agreement (4.1); withdrawn by the regional director (4.3).
    """

    MOVES = {
        NominationState.PROPOSED: {NominationState.ACCEPTED, NominationState.REFUSED},
        NominationState.ACCEPTED: {NominationState.IN_OFFICE, NominationState.LEFT},
        NominationState.IN_OFFICE: {NominationState.WITHDRAWN, NominationState.LEFT},
    }

    convention = models.ForeignKey(
        Convention,
        models.PROTECT,
        verbose_name="convention",
        related_name="nominations",
    )
    person = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        verbose_name="personne",
        related_name="nominations",
    )
    state = models.CharField(
        "état",
        max_length=20,
        choices=NominationState,
        default=NominationState.PROPOSED,
        editable=False,
    )
    function = models.CharField("fonction", max_length=80)
    proposed_on = models.DateField("proposé le")
    decided_on = models.DateField("décision le", null=True, blank=True)
    decision_by = models.CharField(
        "décision prise par",
        max_length=120,
        blank=True,
        help_text="Nom et fonction du directeur territorial ou régional.",
    )

    objects = NominationQuerySet.as_manager()

    class Meta:
        verbose_name = "nomination de RGC"
        verbose_name_plural = "nominations de RGC"
        ordering = ("-proposed_on",)
        constraints = [
            models.UniqueConstraint(
                fields=["convention"],
                condition=Q(state=NominationState.IN_OFFICE),
                name="one_rgc_in_office",
                violation_error_message="Cette convention a déjà un RGC en fonction : "
                "enregistrez d’abord son départ.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=NominationState.values),
                name="nomination_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.get_state_display()})"

    def accept(self, *, by: User) -> None:
        self.move_to(NominationState.ACCEPTED, by=by)

    def refuse(self, *, by: User) -> None:
        self.move_to(NominationState.REFUSED, by=by)

    def take_office(self, *, by: User) -> None:
        self.move_to(NominationState.IN_OFFICE, by=by)

    def withdraw(self, *, by: User) -> None:
        self.move_to(NominationState.WITHDRAWN, by=by)

    def leave(self, *, by: User) -> None:
        self.move_to(NominationState.LEFT, by=by)


class NominationStep(Step):
    """One move of a nomination."""

    nomination = models.ForeignKey(
        Nomination, models.CASCADE, verbose_name="nomination", related_name="steps"
    )
    by = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        verbose_name="par",
        null=True,
        related_name="nomination_steps",
    )

    class Meta(Step.Meta):
        verbose_name = "étape d’une nomination"
        verbose_name_plural = "étapes d’une nomination"
