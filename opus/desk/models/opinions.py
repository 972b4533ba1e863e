"""A second opinion on a refused text: lent to France Travail for three days (V5).

By itself a refusal keeps nothing (V4). Whoever thinks that the rule is wrong may ask:
the sentence is sealed, read by national administrators alone, and gone with their
answer, at the latest after ``settings.HELPDESK.opinion_within``.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import TotpDevice, User
from opus.lib.calendar import past_months
from opus.lib.dates import moment
from opus.lib.states import Stateful, Step
from opus.lib.wording.families import Family

LONGEST = 4000


class OpinionState(models.TextChoices):
    """The life of a question."""

    ASKED = "demande", "en attente de réponse"
    RULE_WRONG = "regle_a_tort", "la règle se trompe"
    RULE_RIGHT = "regle_a_raison", "la règle a raison"
    LAPSED = "sans_avis", "effacée sans réponse"


# What France Travail answers.
ANSWERS = (OpinionState.RULE_WRONG, OpinionState.RULE_RIGHT)


class Because(models.TextChoices):
    """Why, coded: an answer repeats nothing of the sentence."""

    TRADE = "metier", "Le mot est ici celui d’un métier, d’un secteur ou d’un service"
    NAME = "nom", "Le mot est ici un nom de lieu, de structure ou de marque"
    OTHER_SENSE = "autre_sens", "Le mot a ici un autre sens, sans rapport avec personne"
    NUMBER = "numero", "Le nombre ou l’adresse n’identifie personne"
    SAYS = "dit", "La phrase le dit d’une personne"
    IMPLIES = "laisse_entendre", "La phrase le laisse entendre d’une personne"
    WOUNDS = "blesse", "La phrase juge une personne au lieu de dire un fait"
    ELSEWHERE = "ailleurs", "Cette information a sa place sur une fiche, non ici"


REASONS: dict[str, tuple[Because, ...]] = {
    OpinionState.RULE_WRONG: (
        Because.TRADE,
        Because.NAME,
        Because.OTHER_SENSE,
        Because.NUMBER,
    ),
    OpinionState.RULE_RIGHT: (
        Because.SAYS,
        Because.IMPLIES,
        Because.WOUNDS,
        Because.ELSEWHERE,
    ),
}


class SecondOpinionQuerySet(models.QuerySet["SecondOpinion"]):
    """Questions asked of sets of them."""

    def visible_to(self, user: User) -> Self:
        """One's own, and nobody else's."""
        return self.filter(account=user)

    def waiting(self) -> Self:
        """To be answered: the sentence may still be read."""
        return self.filter(state=OpinionState.ASKED, until__gt=timezone.now())

    def overdue(self) -> Self:
        """Their time is over, whatever stands in the row."""
        return self.filter(state=OpinionState.ASKED, until__lte=timezone.now())

    def see(self) -> None:
        """Their author has read how they ended."""
        ended = ~Q(state=OpinionState.ASKED) | Q(until__lte=timezone.now())
        self.filter(ended, seen_at=None).update(seen_at=timezone.now())

    def at_term(self) -> Self:
        """Ended for as long as a request is kept (V9)."""
        return self.filter(ended_at__lt=past_months(settings.KEPT.tickets))


class SecondOpinion(Stateful):
    """One sentence about which its author asked."""

    MOVES = {
        OpinionState.ASKED: {
            OpinionState.RULE_WRONG,
            OpinionState.RULE_RIGHT,
            OpinionState.LAPSED,
        }
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(
        "état", max_length=20, choices=OpinionState, default=OpinionState.ASKED
    )
    account = models.ForeignKey(
        User, models.PROTECT, verbose_name="demandeur", related_name="opinions"
    )
    place = models.CharField("champ", max_length=80)
    families = ArrayField(
        models.CharField(max_length=20, choices=Family), verbose_name="sujets"
    )
    version = models.PositiveIntegerField("version des règles")
    # Sealed with the keys of the second factors; gone with the answer.
    sealed = models.BinaryField(null=True, editable=False)
    asked_at = models.DateTimeField("demandé le", default=timezone.now)
    until = models.DateTimeField("phrase gardée jusqu’au")
    ended_at = models.DateTimeField("terminé le", null=True)
    because = models.CharField("motif", max_length=20, choices=Because, blank=True)
    # When its author saw the end of it.
    seen_at = models.DateTimeField("vu le", null=True)

    objects = SecondOpinionQuerySet.as_manager()

    class Meta:
        verbose_name = "avis demandé sur un texte"
        verbose_name_plural = "avis demandés sur des textes"
        ordering = ("-asked_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state=OpinionState.ASKED,
                    sealed__isnull=False,
                    ended_at__isnull=True,
                )
                | (
                    ~Q(state=OpinionState.ASKED)
                    & Q(sealed__isnull=True, ended_at__isnull=False)
                ),
                name="sentence_goes_with_the_answer",
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("asked_at"))
                & Q(until__lte=F("asked_at") + dt.timedelta(hours=72)),
                name="sentence_is_lent_for_72_hours_at_most",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[OpinionState.ASKED, OpinionState.LAPSED], because=""
                )
                | Q(
                    state=OpinionState.RULE_WRONG,
                    because__in=REASONS[OpinionState.RULE_WRONG],
                )
                | Q(
                    state=OpinionState.RULE_RIGHT,
                    because__in=REASONS[OpinionState.RULE_RIGHT],
                ),
                name="opinion_says_why",
                violation_error_message="Choisissez un motif qui va avec la réponse.",
            ),
            models.UniqueConstraint(
                fields=["account", "place"],
                condition=Q(state=OpinionState.ASKED),
                name="one_question_at_a_time_for_a_field",
                violation_error_message="Vous avez déjà demandé un avis sur ce champ : "
                "attendez sa réponse.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["until"],
                condition=Q(state=OpinionState.ASKED),
                name="opinions_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"avis demandé le {moment(self.asked_at)}"

    @property
    def is_waiting(self) -> bool:
        """Whether an answer may still come."""
        return self.state == OpinionState.ASKED and self.until > timezone.now()

    @property
    def standing(self) -> str:
        """Its state as people read it: by its clock, whether a job came or not."""
        if self.state == OpinionState.ASKED and not self.is_waiting:
            return OpinionState.LAPSED.label
        return OpinionState(self.state).label

    @property
    def sentence(self) -> str:
        """What was typed, while it is lent; then nothing, whatever the row holds."""
        if not self.is_waiting or self.sealed is None:
            return ""
        return TotpDevice.vault().decrypt(bytes(self.sealed)).decode()

    def answer(self, *, by: User, state: str, because: str) -> None:
        """France Travail's opinion; the sentence goes with it."""
        self.end(state, by=by, because=because)

    def lapse(self) -> None:
        """Nobody answered in time: the sentence goes all the same."""
        self.end(OpinionState.LAPSED, by=None)

    def end(self, state: str, *, by: User | None, because: str = "") -> None:
        self.move_to(
            state, by=by, because=because, sealed=None, ended_at=timezone.now()
        )


class SecondOpinionStep(Step):
    """One move of a question."""

    opinion = models.ForeignKey(
        SecondOpinion, models.CASCADE, verbose_name="avis", related_name="steps"
    )
    by = models.ForeignKey(
        User, models.PROTECT, verbose_name="par", null=True, related_name="+"
    )

    class Meta(Step.Meta):
        verbose_name = "étape d’un avis"
        verbose_name_plural = "étapes des avis"


def seal(sentence: str) -> bytes:
    """As the keys of second factors are kept: under keys outside the database (S3)."""
    return TotpDevice.vault().encrypt(sentence.encode())
