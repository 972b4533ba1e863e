"""Breach files and early ends (art. 12)."""

import datetime as dt
from typing import Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import DateField, F, Func, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.agreements.models import amendments
from accounts.agreements.models.amendments import ProposalState, two_hands
from accounts.agreements.models.conventions import convention_key
from accounts.users.models import User, person_key
from opus.lib.database.states import MoveRefused, Stateful, Step, state_field, step_key
from opus.lib.dates import add_months, date_format, days_within
from opus.lib.forms.fields import NameField
from opus.lib.text_guard.fields import About, NoteField


class BreachState(models.TextChoices):
    PROPOSED = "propose", "à signer par une seconde personne"
    OPEN = "ouvert", "lettre à poster"
    NOTIFIED = "notifie", "manquements notifiés"
    OBSERVED = "observe", "observations reçues"
    UPHELD = "maintenu", "décision maintenue"
    ENDED = "resilie", "convention résiliée"
    LIFTED = "leve", "procédure abandonnée"


# Before the letter of reasons is posted; nothing was notified yet.
UNSENT_BREACHES = (BreachState.PROPOSED, BreachState.OPEN)
SENT_BREACHES = (
    BreachState.OPEN,
    BreachState.NOTIFIED,
    BreachState.OBSERVED,
    BreachState.UPHELD,
)


LIVE_BREACHES = (BreachState.PROPOSED, *SENT_BREACHES)

ONE_AT_A_TIME = "Une procédure pour manquement est déjà en cours pour cette convention."


class BreachReason(models.TextChoices):
    """Obligations that a structure may fail to meet, with articles; caducity."""

    SHARED = "partage", "Comptes prêtés ou partagés (art. 5.1)"
    NOT_CLOSED = (
        "comptes",
        "Comptes non fermés après un départ ou une absence (art. 4.2)",
    )
    VACANCY = "vacance", "Départ du RGC non signalé sous huit jours (art. 4.3)"
    OFFERS = "offres", "Offres modifiées ou rediffusées (art. 7 et 9)"
    DOCUMENTS = "documents", "Documents non remis aux candidats (art. 7)"
    USE = "usage", "Usage d’Opus hors de la convention ou de ses annexes (art. 7)"
    DATA_LAW = (
        "loi_donnees",
        "Loi du 6 janvier 1978 sur les données personnelles non respectée (art. 7)",
    )
    TRANSFER = "cession", "Accès ou données cédés, ou liens établis (art. 9)"
    UNEQUAL = "inegalite", "Candidats traités de façon inégale (art. 9.1)"
    WORDS = "mentions", "Mentions interdites sur des personnes (art. 9.1)"
    DATA = "donnees", "Données utilisées ou communiquées à d’autres fins (art. 9.2)"
    CONFIDENTIALITY = (
        "confidentialite",
        "Informations confidentielles révélées (art. 9.2)",
    )
    OTHER = "autre", "Autre obligation de la convention, de la loi ou des règlements"
    VOID = (
        "caducite",
        "Condition de la loi ou des règlements devenue caduque (art. 12)",
    )


NOT_PRESENTED = (
    "Le mois de la structure court de la présentation de la lettre (art. 12) : "
    "enregistrez d’abord l’avis de réception."
)


class BreachQuerySet(models.QuerySet["Breach"]):
    def live(self) -> Self:
        return self.filter(state__in=LIVE_BREACHES)


class Breach(Stateful):
    """A structure that breaks the convention, or a condition now void (art. 12).

    Two people open and sign it; the reasons leave by registered letter; one month for
    observations from its presentation; decision upheld or dropped; end within one month
    of it.
    """

    MOVES = {
        BreachState.PROPOSED: {BreachState.OPEN, BreachState.LIFTED},
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
    endings: Any
    letters: Any
    state = state_field(BreachState.PROPOSED)
    reasons = ArrayField(
        models.CharField(max_length=20, choices=BreachReason), verbose_name="motifs"
    )
    # About the structure, never a candidate: the letter prints it (V1).
    facts = NoteField("faits constatés", about=About.SERVICE)
    other_obligation = NoteField(
        "autre obligation", about=About.SERVICE, blank=True, db_default=""
    )
    opened_by = person_key("ouvert par")
    # Few rows: no index, whose making would lock the table during an update.
    signed_by = person_key("signé par", null=True, editable=False, db_index=False)
    signed_at = models.DateTimeField("signé le", null=True, editable=False)
    notified_on = models.DateField("notifié le", null=True)
    # The month for observations runs from it (art. 12).
    presented_on = models.DateField("lettre présentée le", null=True)
    observed_on = models.DateField("observations reçues le", null=True)
    observations_reference = models.CharField(
        "référence des observations", max_length=60, blank=True, db_default=""
    )
    observations_file = models.BinaryField(
        "observations (PDF)", null=True, blank=True, editable=False
    )
    upheld_on = models.DateField("décision maintenue le", null=True)

    objects = BreachQuerySet.as_manager()

    class Meta:
        verbose_name = "dossier de manquement"
        verbose_name_plural = "dossiers de manquement"
        ordering = ("-pk",)
        constraints = [
            days_within(
                "notified_on",
                "presented_on",
                "observed_on",
                "upheld_on",
                name="breach_within_the_years",
            ),
            models.UniqueConstraint(
                fields=["convention"],
                condition=Q(state__in=SENT_BREACHES),
                name="one_live_breach",
                violation_error_message=ONE_AT_A_TIME,
            ),
            # The same, with those that wait for a signature.
            ExclusionConstraint(
                name="one_breach_at_a_time",
                expressions=[("convention", RangeOperators.EQUAL)],
                condition=Q(state__in=LIVE_BREACHES),
                violation_error_message=ONE_AT_A_TIME,
            ),
            models.CheckConstraint(
                condition=Q(state__in=[*UNSENT_BREACHES, BreachState.LIFTED])
                | Q(notified_on__isnull=False),
                name="breach_is_notified_first",
            ),
            two_hands("two_hands_on_a_breach", who="opened_by", confirms="signed_by"),
            models.CheckConstraint(
                condition=Q(reasons__contains=[BreachReason.OTHER])
                & ~Q(other_obligation="")
                | ~Q(reasons__contains=[BreachReason.OTHER]) & Q(other_obligation=""),
                name="other_obligation_has_its_text",
                violation_error_message="« Autre obligation » s’écrit en toutes "
                "lettres, et seulement si ce motif est coché.",
            ),
            models.CheckConstraint(
                condition=Q(observations_reference="", observations_file=None)
                | Q(observed_on__isnull=False),
                name="observations_have_their_day",
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
    def reason_labels(self) -> list[str]:
        labels = dict(BreachReason.choices) | {
            BreachReason.OTHER: f"Autre obligation : {self.other_obligation}"
        }
        return [str(labels[reason]) for reason in self.reasons]

    @property
    def is_void_only(self) -> bool:
        """Return whether caducity is the only reason: no fault (art. 12)."""
        return self.reasons == [BreachReason.VOID]

    @property
    def what(self) -> str:
        """Return the subject of its letters, in the plural."""
        return "motifs de résiliation" if self.is_void_only else "manquements"

    @property
    def answer_by(self) -> dt.date | None:
        """Return the last day for observations, once presented (art. 12)."""
        return add_months(self.presented_on) if self.presented_on else None

    @property
    def awaits_presentation(self) -> bool:
        sent = (BreachState.NOTIFIED, BreachState.OBSERVED, BreachState.UPHELD)
        return self.state in sent and self.presented_on is None

    @property
    def end_by(self) -> dt.date | None:
        """Return the latest day for the convention's end (art. 12)."""
        return add_months(self.upheld_on) if self.upheld_on else None

    @property
    def next_deadline(self) -> dt.date | None:
        match self.state:
            case BreachState.NOTIFIED | BreachState.OBSERVED:
                return self.answer_by
            case BreachState.UPHELD:
                return self.end_by
        return None

    @property
    def may_be_upheld(self) -> bool:
        """Return whether the structure's month is over (art. 12)."""
        is_told = self.state in (BreachState.NOTIFIED, BreachState.OBSERVED)
        return is_told and self.is_month_over(timezone.localdate())

    @property
    def may_be_upheld_again(self) -> bool:
        """Return whether its proposed end was abandoned (art. 12)."""
        ends = self.endings.exclude(state=ProposalState.ABANDONED)
        return self.state == BreachState.UPHELD and not ends.exists()

    @property
    def has_no_letter(self) -> bool:
        """Return whether its letter of reasons was cancelled."""
        return self.state == BreachState.OPEN and not self.letters.good().exists()

    def is_waiting_for_us(self, last: dt.date) -> bool:
        """Return whether France Travail has something to do by that day."""
        if self.state == BreachState.PROPOSED or self.has_no_letter:
            return True
        if self.state == BreachState.UPHELD:
            return not self.endings.filter(confirmed_at__isnull=False).exists()
        deadline = self.next_deadline
        return self.awaits_presentation or deadline is not None and deadline <= last

    def is_month_over(self, on: dt.date) -> bool:
        return self.answer_by is not None and on > self.answer_by

    def why_too_early(self, on: dt.date) -> str:
        """Return why a decision that day cuts the month, or "" (art. 12)."""
        if self.answer_by is None:
            return NOT_PRESENTED
        if self.is_month_over(on):
            return ""
        return (
            f"La structure peut répondre jusqu’au {date_format(self.answer_by)} "
            "inclus, un mois après la présentation de la lettre (art. 12) : la "
            "décision est prise après ce jour."
        )

    def check_month(self, on: dt.date) -> None:
        """Raise MoveRefused if a decision that day cuts the month (art. 12)."""
        if sentence := self.why_too_early(on):
            raise MoveRefused(sentence)

    def sign(self, *, by: User) -> None:
        """Sign it; raise MoveRefused for an agent, or who opened it (S28)."""
        if sentence := amendments.why_not_second(by, self.opened_by_id):
            raise MoveRefused(sentence)
        self.move_to(BreachState.OPEN, by=by, signed_by=by, signed_at=timezone.now())

    def notify(self, *, by: User, on: dt.date) -> None:
        self.move_to(BreachState.NOTIFIED, by=by, notified_on=on)


class BreachStep(Step):
    breach = step_key(Breach, "manquements")

    class Meta(Step.Meta):
        verbose_name = "étape d’un dossier de manquement"
        verbose_name_plural = "étapes d’un dossier de manquement"


class EndingOrigin(models.TextChoices):
    """Origins of an end; each has its notice (art. 12)."""

    STRUCTURE = "structure", "la structure (préavis d’un mois)"
    SERVICE = "service", "France Travail, pour les besoins du service (un mois au plus)"
    DECISION = (
        "decision",
        "France Travail, une décision administrative l’empêche de fournir Opus (un "
        "mois au plus)",
    )
    # Of release 1.0.0, without a reason: no longer proposed.
    FRANCE_TRAVAIL = "france_travail", "France Travail (un mois au plus)"
    AGREEMENT = "accord", "les deux parties, d’un commun accord"
    PARTNERSHIP = "partenariat", "fin de la convention de partenariat"
    BREACH = "manquement", "France Travail, manquements maintenus"


# If France Travail decides alone, a month is the maximum notice; for the structure it
# is the minimum.
BY_FRANCE_TRAVAIL = (EndingOrigin.SERVICE, EndingOrigin.DECISION)
AT_MOST_A_MONTH = (EndingOrigin.FRANCE_TRAVAIL, *BY_FRANCE_TRAVAIL, EndingOrigin.BREACH)


class MonthLater(Func):
    """Add one calendar month, clipped to the month's end."""

    template = "(%(expressions)s + interval '1 month')::date"
    output_field = DateField()


class Ending(amendments.Proposal):
    convention = convention_key("endings")
    origin = models.CharField("à la demande de", max_length=20, choices=EndingOrigin)
    breach = models.ForeignKey(
        Breach,
        models.PROTECT,
        verbose_name="manquements",
        related_name="endings",
        null=True,
        blank=True,
    )
    # About the service, never a person: the letter prints it (V1).
    motive = NoteField("motif", about=About.SERVICE, blank=True, db_default="")
    # Who agreed, and when, where both parties end it; else empty.
    structure_signatory = NameField(
        "signataire de la structure", max_length=120, blank=True, db_default=""
    )
    signed_by_structure_on = models.DateField(
        "accord signé par la structure le", null=True, blank=True
    )
    ft_signatory = NameField(
        "signataire de France Travail", max_length=120, blank=True, db_default=""
    )
    signed_by_ft_on = models.DateField(
        "accord signé par France Travail le", null=True, blank=True
    )
    # Day of the structure's letter, of the decision, or of the later signature: the
    # month runs from it.
    told_on = models.DateField("lettre ou décision du")
    ends_on = models.DateField("dernier jour d’accès")
    at_once = models.BooleanField("fermer les accès dès la confirmation", default=False)

    objects = amendments.ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = "fin anticipée"
        verbose_name_plural = "fins anticipées"
        ordering = ("-proposed_at",)
        constraints = [
            days_within(
                "told_on",
                "ends_on",
                "signed_by_structure_on",
                "signed_by_ft_on",
                name="ending_within_the_years",
            ),
            amendments.confirmed_is_signed("confirmed_ending_is_signed"),
            two_hands("two_hands_on_an_ending"),
            models.CheckConstraint(
                condition=Q(origin=EndingOrigin.BREACH, breach__isnull=False)
                | ~Q(origin=EndingOrigin.BREACH) & Q(breach=None),
                name="ending_for_breach_has_its_file",
            ),
            models.CheckConstraint(
                condition=~Q(origin=EndingOrigin.STRUCTURE)
                | Q(at_once=False, ends_on__gte=MonthLater(F("told_on"))),
                name="a_structure_gives_a_month",
                violation_error_message="Le préavis de la structure est d’un mois à "
                "compter de sa lettre (art. 12) : choisissez un jour plus tardif.",
            ),
            models.CheckConstraint(
                condition=~Q(origin__in=AT_MOST_A_MONTH)
                | Q(ends_on__lte=MonthLater(F("told_on"))),
                name="france_travail_gives_a_month_at_most",
                violation_error_message="France Travail met fin à la convention dans "
                "le mois qui suit sa décision (art. 12) : choisissez un jour plus "
                "proche.",
            ),
            models.CheckConstraint(
                condition=Q(
                    ~Q(structure_signatory="") & ~Q(ft_signatory=""),
                    origin=EndingOrigin.AGREEMENT,
                    at_once=False,
                    told_on=Greatest("signed_by_structure_on", "signed_by_ft_on"),
                    signed_by_structure_on__isnull=False,
                    signed_by_ft_on__isnull=False,
                )
                | ~Q(origin=EndingOrigin.AGREEMENT)
                & Q(
                    structure_signatory="",
                    ft_signatory="",
                    signed_by_structure_on=None,
                    signed_by_ft_on=None,
                ),
                name="agreed_end_is_signed_by_both",
                violation_error_message="Une fin d’un commun accord porte le nom et la "
                "date des deux signatures ; elle vaut du jour de la dernière.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("told_on")),
                name="ending_after_its_letter",
                violation_error_message="Le dernier jour d’accès précède la lettre ou "
                "la décision.",
            ),
            models.CheckConstraint(
                condition=~Q(origin__in=BY_FRANCE_TRAVAIL) | ~Q(motive=""),
                name="france_travail_gives_its_reason",
                violation_error_message="France Travail donne le motif de sa décision "
                "(art. 12) : la lettre le reprend.",
            ),
            models.UniqueConstraint(
                fields=["convention"],
                condition=Q(state=ProposalState.PROPOSED),
                name="one_ending_waits",
                violation_error_message="Une fin anticipée attend déjà d’être "
                "confirmée : confirmez-la ou abandonnez-la d’abord.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ProposalState.values)
                & Q(origin__in=EndingOrigin.values),
                name="ending_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"fin anticipée le {date_format(self.ends_on)}"


class EndingStep(Step):
    ending = step_key(Ending, "fin anticipée")

    class Meta(Step.Meta):
        verbose_name = "étape d’une fin anticipée"
        verbose_name_plural = "étapes d’une fin anticipée"
