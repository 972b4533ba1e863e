"""What partners propose to change in Opus, and what becomes of it (art. 11)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse

from accounts.models.meetings import ReviewMeeting, written
from accounts.models.structures import Structure
from accounts.models.users import Role
from opus.lib.bounds import days_within
from opus.lib.states import MoveRefused, Stateful, Step
from opus.lib.wording.fields import GuardedCharField, GuardedTextField

if TYPE_CHECKING:
    from accounts.models.users import User

TEXT_MOST = 1500
ANSWER_MOST = 1000


class SuggestionState(models.TextChoices):
    """Where a proposal of evolution stands."""

    DEPOSITED = "deposee", "déposée"
    STUDIED = "etude", "à l’étude"
    KEPT = "retenue", "retenue"
    DONE = "realisee", "réalisée"
    SET_ASIDE = "ecartee", "écartée"
    WITHDRAWN = "retiree", "retirée"


class Area(models.TextChoices):
    """What of Opus it is about."""

    OFFERS = "offres", "offres et recherche"
    REFERRALS = "contacts", "mises en contact"
    DOCUMENTS = "documents", "documents"
    FOLLOW_UP = "suivi", "suivi de l’activité"
    ACCOUNTS = "comptes", "comptes et connexion"
    OTHER = "autre", "autre"


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    """Questions asked of sets of proposals."""

    def visible_to(self, user: User) -> Self:
        """A partner sees what its own structure proposed, and nothing else."""
        return self.filter(structure=user.structure_id)

    def waiting(self) -> Self:
        """Those that France Travail has said nothing about."""
        return self.filter(state=SuggestionState.DEPOSITED)


class Suggestion(Stateful):
    """A proposal of evolution of Opus (proposition d’évolution, art. 11).

    Deposited by a partner's member, moved by France Travail, whose answers stay with
    the step that they go with.
    """

    MOVES = {
        SuggestionState.DEPOSITED: {
            SuggestionState.STUDIED,
            SuggestionState.SET_ASIDE,
            SuggestionState.WITHDRAWN,
        },
        SuggestionState.STUDIED: {SuggestionState.KEPT, SuggestionState.SET_ASIDE},
        SuggestionState.KEPT: {SuggestionState.DONE, SuggestionState.SET_ASIDE},
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    structure = models.ForeignKey(
        Structure,
        models.PROTECT,
        verbose_name="structure",
        related_name="suggestions",
    )
    author = models.ForeignKey(
        "accounts.User", models.PROTECT, verbose_name="déposée par", related_name="+"
    )
    state = models.CharField(
        "état",
        max_length=20,
        choices=SuggestionState,
        default=SuggestionState.DEPOSITED,
        editable=False,
    )
    area = models.CharField("domaine", max_length=20, choices=Area)
    title = GuardedCharField("titre", max_length=120)
    text = GuardedTextField("proposition", max_length=TEXT_MOST)
    deposited_at = models.DateTimeField("déposée le", db_default=Now(), editable=False)
    # When it is to come, once kept: a day, a version, or both.
    planned_on = models.DateField("prévue pour le", null=True, editable=False)
    planned_version = models.CharField(
        "version prévue", max_length=40, blank=True, editable=False
    )
    meeting = models.ForeignKey(
        ReviewMeeting,
        models.PROTECT,
        verbose_name="évoquée à la réunion",
        related_name="suggestions",
        null=True,
        blank=True,
        editable=False,
    )

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        verbose_name = "proposition d’évolution"
        verbose_name_plural = "propositions d’évolution"
        ordering = ("-deposited_at", "pk")
        constraints = [
            days_within("planned_on", name="suggestion_within_the_years"),
            models.CheckConstraint(
                condition=Q(state__in=SuggestionState.values, area__in=Area.values),
                name="suggestion_is_known",
            ),
            models.CheckConstraint(
                condition=written(TEXT_MOST),
                name="suggestion_is_short",
            ),
            models.CheckConstraint(
                condition=~Q(state=SuggestionState.KEPT)
                | Q(planned_on__isnull=False)
                | ~Q(planned_version=""),
                name="kept_suggestion_says_when",
                violation_error_message="Une proposition retenue dit pour quand : "
                "donnez une date, une version, ou les deux.",
            ),
            models.UniqueConstraint(
                fields=["structure", "title"],
                condition=Q(state=SuggestionState.DEPOSITED),
                name="one_suggestion_of_that_title",
                violation_error_message="Votre structure a déjà déposé une proposition "
                "qui porte ce titre : choisissez-en un autre, ou retirez la première.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its page for the structure; France Travail has the admin's."""
        return reverse("suggestion", args=[self.pk])

    def may_be_withdrawn_by(self, user: User) -> bool:
        """While France Travail said nothing: its author, or the structure's RGC."""
        is_theirs = user.structure_id == self.structure_id and (
            user.pk == self.author_id or user.role == Role.RGC
        )
        return is_theirs and self.state == SuggestionState.DEPOSITED

    def study(self, *, by: User) -> None:
        self.move_to(SuggestionState.STUDIED, by=by)

    def keep(self, *, by: User, on: dt.date | None, version: str) -> None:
        """It will come, on that day or in that version.

        Raises:
            MoveRefused: neither is told.
        """
        if on is None and not version:
            raise MoveRefused(
                "Une proposition retenue dit pour quand : donnez une date, une "
                "version, ou les deux."
            )
        self.move_to(
            SuggestionState.KEPT, by=by, planned_on=on, planned_version=version
        )

    def finish(self, *, by: User) -> None:
        """It is there."""
        self.move_to(SuggestionState.DONE, by=by)

    def set_aside(self, *, by: User) -> None:
        """It will not come; France Travail's answer says why."""
        self.move_to(SuggestionState.SET_ASIDE, by=by)

    def withdraw(self, *, by: User) -> None:
        """Its structure takes it back.

        Raises:
            MoveRefused: somebody else's, or France Travail has it in hand.
        """
        is_deposited = self.state == SuggestionState.DEPOSITED
        if is_deposited and not self.may_be_withdrawn_by(by):
            raise MoveRefused(
                "Une proposition se retire par la personne qui l’a déposée, ou par le "
                "RGC de sa structure."
            )
        self.move_to(SuggestionState.WITHDRAWN, by=by)


class SuggestionStep(Step):
    """One move of a proposal."""

    suggestion = models.ForeignKey(
        Suggestion, models.CASCADE, verbose_name="proposition", related_name="steps"
    )
    by = models.ForeignKey(
        "accounts.User", models.PROTECT, verbose_name="par", null=True, related_name="+"
    )

    class Meta(Step.Meta):
        verbose_name = "étape d’une proposition d’évolution"
        verbose_name_plural = "étapes d’une proposition d’évolution"


class Answer(models.Model):
    """What France Travail said as it moved a proposal: one for a state, kept."""

    suggestion = models.ForeignKey(
        Suggestion, models.PROTECT, verbose_name="proposition", related_name="answers"
    )
    state = models.CharField("état", max_length=20, choices=SuggestionState)
    text = GuardedTextField("réponse", max_length=ANSWER_MOST)

    class Meta:
        verbose_name = "réponse à une proposition d’évolution"
        verbose_name_plural = "réponses à une proposition d’évolution"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["suggestion", "state"], name="one_answer_for_a_state"
            ),
            models.CheckConstraint(
                condition=written(ANSWER_MOST),
                name="answer_is_short",
            ),
        ]

    def __str__(self) -> str:
        return f"réponse : {self.get_state_display()}"
