"""The confidential satisfaction survey (art. 6, U18), and its masked totals (V8)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import ExtractYear, Length
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone

from accounts.users.models import User, account_key
from opus.lib.database.states import MoveRefused
from opus.lib.database.versions import Versioned
from opus.lib.dates import date_format, days_from, days_within
from opus.lib.statistics import SMALL, Plot, Shown, lines_of, masked, share_out
from opus.lib.text_guard.fields import About, GuardedTextField

COMMENT_LENGTH = 300
# Article 6.
A_YEAR = 2
LONGEST = dt.timedelta(days=184)


class Agreement(models.IntegerChoices):
    FULLY = 4, "Tout à fait d’accord"
    RATHER = 3, "Plutôt d’accord"
    RATHER_NOT = 2, "Plutôt pas d’accord"
    NOT_AT_ALL = 1, "Pas du tout d’accord"
    NO_OPINION = 0, "Sans avis"


class SurveyQuerySet(models.QuerySet["Survey"]):
    def awaiting(self, account: User) -> Self:
        """Filter those open today that the account has not settled."""
        today = timezone.localdate()
        settled = SurveyRespondent.objects.filter(account=account)
        open_ones = self.filter(opens_on__lte=today, closes_on__gte=today)
        return open_ones.filter(~Exists(settled.filter(survey=OuterRef("pk"))))


class Survey(Versioned):
    """One survey; its first and last day included."""

    opens_on = models.DateField("ouverte le")
    closes_on = models.DateField("close au soir du")
    year = models.GeneratedField(
        expression=ExtractYear("opens_on"),
        output_field=models.IntegerField("année"),
        db_persist=True,
    )
    # 1 or 2 in its year: PostgreSQL refuses a third.
    rank = models.PositiveSmallIntegerField("rang dans l’année", editable=False)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = "enquête de satisfaction"
        verbose_name_plural = "enquêtes de satisfaction"
        ordering = ("-opens_on",)
        constraints = [
            days_within("opens_on", "closes_on", name="survey_within_the_years"),
            models.UniqueConstraint(
                "year",
                "rank",
                name="two_surveys_a_year",
                violation_error_message="Deux enquêtes au plus par année (art. 6).",
            ),
            models.CheckConstraint(
                condition=Q(rank__gte=1, rank__lte=A_YEAR),
                name="no_third_survey_in_a_year",
                violation_error_message="Deux enquêtes au plus par année (art. 6).",
            ),
            models.CheckConstraint(
                condition=Q(opens_on__lte=F("closes_on")),
                name="survey_closes_after_it_opens",
                violation_error_message="L’enquête se clôt après son ouverture.",
            ),
            models.CheckConstraint(
                condition=Q(closes_on__lte=F("opens_on") + LONGEST),
                name="survey_lasts_six_months_at_most",
                violation_error_message="Une enquête dure six mois au plus\xa0: une "
                "autre ne peut pas s’ouvrir pendant ce temps.",
            ),
            ExclusionConstraint(
                name="one_survey_at_a_time",
                expressions=[
                    (days_from("opens_on", to="closes_on"), RangeOperators.OVERLAPS)
                ],
                violation_error_message="Une autre enquête est ouverte ces jours-là.",
            ),
        ]

    def __str__(self) -> str:
        return f"enquête du {date_format(self.opens_on)}"

    @property
    def is_over(self) -> bool:
        return self.closes_on < timezone.localdate()

    @transaction.atomic
    def answer(self, *, by: User, comment: str = "", **marks: int) -> None:
        """Store answer and account without a link between them.

        Raises MoveRefused if this account has answered or set the survey aside.
        """
        _, is_new = SurveyRespondent.objects.get_or_create(survey=self, account=by)
        if not is_new:
            raise MoveRefused(
                "Vous avez déjà répondu à cette enquête, ou choisi de ne pas y "
                "répondre. Une réponse est gardée sans compte : elle ne peut pas être "
                "retrouvée pour être changée."
            )
        self.answers.create(comment=comment, **marks)

    def set_aside(self, *, by: User) -> None:
        row = SurveyRespondent(survey=self, account=by)
        SurveyRespondent.objects.bulk_create([row], ignore_conflicts=True)


class SurveyAnswer(models.Model):
    """One answer, under a random key.

    Both rows of one person are written in one transaction: the database's files could
    match them. So it is confidential, not anonymous.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(
        Survey, models.CASCADE, verbose_name="enquête", related_name="answers"
    )
    ease = models.PositiveSmallIntegerField(
        "Opus est facile à utiliser", choices=Agreement
    )
    offers = models.PositiveSmallIntegerField(
        "Les offres sont utiles aux candidats que j’accompagne", choices=Agreement
    )
    acts = models.PositiveSmallIntegerField(
        "Les mises en contact et leurs documents me font gagner du temps",
        choices=Agreement,
    )
    help = models.PositiveSmallIntegerField(
        "Quand j’ai une difficulté, je trouve de l’aide", choices=Agreement
    )
    comment = GuardedTextField(
        "Ce que vous changeriez en premier",
        about=About.SERVICE,
        is_confidential=True,
        blank=True,
        max_length=COMMENT_LENGTH,
        validators=[MaxLengthValidator(COMMENT_LENGTH)],
    )

    class Meta:
        verbose_name = "réponse à une enquête"
        verbose_name_plural = "réponses aux enquêtes"
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    ease__in=Agreement.values,
                    offers__in=Agreement.values,
                    acts__in=Agreement.values,
                    help__in=Agreement.values,
                ),
                name="answer_is_on_the_scale",
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("comment"), COMMENT_LENGTH),
                name="comment_is_short",
            ),
        ]

    def __str__(self) -> str:
        return "réponse"


QUESTIONS = ("ease", "offers", "acts", "help")


def question_of(name: str) -> str:
    field: Any = SurveyAnswer._meta.get_field(name)
    return str(field.verbose_name)


class SurveyRespondent(models.Model):
    """An account that answered or set the survey aside."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(
        Survey, models.CASCADE, verbose_name="enquête", related_name="participations"
    )
    account = account_key("+", models.CASCADE)

    class Meta:
        verbose_name = "participation à une enquête"
        verbose_name_plural = "participations aux enquêtes"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "account"], name="one_respondent_for_an_account"
            )
        ]

    def __str__(self) -> str:
        return "participation"


@dataclasses.dataclass(frozen=True)
class Question:
    name: str
    title: str
    lines: Sequence[tuple[str, Shown]]

    @property
    def plot(self) -> Plot:
        return lines_of(f"question-{self.name}", self.title, self.lines)


@dataclasses.dataclass(frozen=True)
class Results:
    answered: Shown
    questions: Sequence[Question]
    comments: Sequence[str]


def results_of(survey: Survey) -> Results:
    answers = list(survey.answers.all())
    if len(answers) < SMALL:
        return Results(masked(len(answers)), [], [])
    questions, labels = [], [str(mark.label) for mark in Agreement]
    for name in QUESTIONS:
        counts = Counter(getattr(answer, name) for answer in answers)
        shown = share_out(len(answers), [counts[mark] for mark in Agreement])
        lines = list(zip(labels, shown, strict=True))
        questions.append(Question(name, question_of(name), lines))
    said = sorted(answer.comment for answer in answers if answer.comment)
    return Results(masked(len(answers)), questions, said)
