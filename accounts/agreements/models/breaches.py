"""The breach path of article 12: reasons, observations, decision, end."""

import datetime as dt
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.agreements.models.conventions import convention_key
from accounts.agreements.models.four_eyes import person_key
from accounts.users.models.users import User
from opus.lib.database.states import MoveRefused, Stateful, Step, state_field
from opus.lib.dates.bounds import days_within
from opus.lib.dates.formats import date_format
from opus.lib.dates.months import add_months
from opus.lib.text_guard.model_fields import About, NoteField


class BreachState(models.TextChoices):
    OPEN = "ouvert", "lettre à poster"
    NOTIFIED = "notifie", "manquements notifiés"
    OBSERVED = "observe", "observations reçues"
    UPHELD = "maintenu", "décision maintenue"
    ENDED = "resilie", "convention résiliée"
    LIFTED = "leve", "procédure abandonnée"


LIVE_BREACHES = (
    BreachState.OPEN,
    BreachState.NOTIFIED,
    BreachState.OBSERVED,
    BreachState.UPHELD,
)


class BreachReason(models.TextChoices):
    """Obligations that a structure may fail to meet, with articles."""

    SHARED = "partage", "Comptes prêtés ou partagés (art. 5.1)"
    NOT_CLOSED = (
        "comptes",
        "Comptes non fermés après un départ ou une absence (art. 4.2)",
    )
    VACANCY = "vacance", "Départ du RGC non signalé sous huit jours (art. 4.3)"
    OFFERS = "offres", "Offres modifiées ou rediffusées (art. 7 et 9)"
    DOCUMENTS = "documents", "Documents non remis aux candidats (art. 7)"
    WORDS = "mentions", "Mentions interdites sur des personnes (art. 9.1)"
    DATA = "donnees", "Données utilisées ou communiquées à d’autres fins (art. 9.2)"


class BreachQuerySet(models.QuerySet["Breach"]):
    def live(self) -> Self:
        return self.filter(state__in=LIVE_BREACHES)


class Breach(Stateful):
    """A structure that breaks the convention (art. 12).

    The reasons leave by registered letter; one month for observations; decision upheld
    or dropped; end within one month of it. Months run from the day a letter is
    presented, else posted.
    """

    MOVES = {
        BreachState.OPEN: {BreachState.NOTIFIED, BreachState.LIFTED},
        BreachState.NOTIFIED: {
            BreachState.OBSERVED,
            BreachState.UPHELD,
            BreachState.LIFTED,
        },
        BreachState.OBSERVED: {BreachState.UPHELD, BreachState.LIFTED},
        BreachState.UPHELD: {BreachState.ENDED, BreachState.LIFTED},
    }

    convention = convention_key("breaches")
    state = state_field(BreachState.OPEN)
    reasons = ArrayField(
        models.CharField(max_length=20, choices=BreachReason), verbose_name="motifs"
    )
    # About the structure, never a candidate: the letter prints it (V1).
    facts = NoteField("faits constatés", about=About.SERVICE)
    opened_by = person_key("ouvert par")
    notified_on = models.DateField("notifié le", null=True)
    observed_on = models.DateField("observations reçues le", null=True)
    upheld_on = models.DateField("décision maintenue le", null=True)

    objects = BreachQuerySet.as_manager()

    class Meta:
        verbose_name = "dossier de manquement"
        verbose_name_plural = "dossiers de manquement"
        ordering = ("-pk",)
        constraints = [
            days_within(
                "notified_on",
                "observed_on",
                "upheld_on",
                name="breach_within_the_years",
            ),
            models.UniqueConstraint(
                fields=["convention"],
                condition=Q(state__in=LIVE_BREACHES),
                name="one_live_breach",
                violation_error_message="Une procédure pour manquement est déjà en "
                "cours pour cette convention.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[BreachState.OPEN, BreachState.LIFTED])
                | Q(notified_on__isnull=False),
                name="breach_is_notified_first",
            ),
            models.CheckConstraint(
                condition=Q(observed_on=None) | Q(observed_on__gte=F("notified_on")),
                name="observations_follow_the_notice",
                violation_error_message="Les observations répondent à la lettre : "
                "elles ne la précèdent pas.",
            ),
            models.CheckConstraint(
                condition=Q(upheld_on=None)
                | Q(upheld_on__gte=F("observed_on"))
                | Q(observed_on=None, upheld_on__gt=F("notified_on")),
                name="decision_follows_the_observations",
                violation_error_message="La décision suit les observations.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[BreachState.UPHELD, BreachState.ENDED])
                | Q(upheld_on__isnull=False),
                name="upheld_breach_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(state__in=BreachState.values) & ~Q(reasons=[]),
                name="breach_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"manquements, convention n° {self.convention.number}"

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_BREACHES

    @property
    def reason_labels(self) -> list[str]:
        labels = dict(BreachReason.choices)
        return [str(labels[reason]) for reason in self.reasons]

    @property
    def answer_by(self) -> dt.date | None:
        """Return the last day for observations: one month (art. 12)."""
        return add_months(self.notified_on) if self.notified_on else None

    @property
    def end_by(self) -> dt.date | None:
        """Return the latest day for the convention's end (art. 12)."""
        return add_months(self.upheld_on) if self.upheld_on else None

    @property
    def next_deadline(self) -> dt.date | None:
        match self.state:
            case BreachState.NOTIFIED:
                return self.answer_by
            case BreachState.UPHELD:
                return self.end_by
        return None

    @property
    def may_be_upheld(self) -> bool:
        """Return whether observations came or their month is over."""
        if self.state == BreachState.NOTIFIED and self.answer_by:
            return timezone.localdate() > self.answer_by
        return self.state == BreachState.OBSERVED

    def notify(self, *, by: User, on: dt.date) -> None:
        self.move_to(BreachState.NOTIFIED, by=by, notified_on=on)

    def observe(self, *, by: User, on: dt.date) -> None:
        self.move_to(BreachState.OBSERVED, by=by, observed_on=on)

    def uphold(self, *, by: User, on: dt.date) -> None:
        """Uphold it; raise MoveRefused within the month without observations."""
        if self.state == BreachState.NOTIFIED and not self.may_be_upheld:
            last_day = date_format(self.answer_by) if self.answer_by else ""
            raise MoveRefused(
                f"La structure peut répondre jusqu’au {last_day} inclus "
                "(art. 12) : attendez ses observations ou la fin de ce mois."
            )
        self.move_to(BreachState.UPHELD, by=by, upheld_on=on)

    def end(self, *, by: User | None) -> None:
        self.move_to(BreachState.ENDED, by=by)

    def lift(self, *, by: User) -> None:
        self.move_to(BreachState.LIFTED, by=by)


class BreachStep(Step):
    breach = models.ForeignKey(
        Breach, models.CASCADE, verbose_name="manquements", related_name="steps"
    )

    class Meta(Step.Meta):
        verbose_name = "étape d’un dossier de manquement"
        verbose_name_plural = "étapes d’un dossier de manquement"
