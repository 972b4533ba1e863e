"""Early ends of conventions: proposed, then confirmed (art. 12, S28)."""

from typing import Self

from django.db import models
from django.db.models import DateField, F, Func, Q
from django.db.models.functions import Greatest

from accounts.agreements.models import four_eyes
from accounts.agreements.models.breaches import Breach
from accounts.agreements.models.conventions import convention_key
from accounts.agreements.models.four_eyes import ProposalState
from opus.lib.database.states import Step, step_key
from opus.lib.dates import date_format, days_within
from opus.lib.forms.fields import NameField
from opus.lib.text_guard.model_fields import About, NoteField


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


CAUSES = {
    EndingOrigin.STRUCTURE: "à la demande de votre structure",
    EndingOrigin.SERVICE: "par décision de France Travail, pour les besoins du service",
    EndingOrigin.DECISION: "par l’effet d’une décision administrative",
    EndingOrigin.FRANCE_TRAVAIL: "par décision de France Travail",
    EndingOrigin.AGREEMENT: "d’un commun accord",
    EndingOrigin.PARTNERSHIP: "avec la convention de partenariat",
    EndingOrigin.BREACH: "par résiliation (art. 12)",
}


class MonthLater(Func):
    """Add one calendar month, clipped to the month's end."""

    template = "(%(expressions)s + interval '1 month')::date"
    output_field = DateField()


class EndingQuerySet(models.QuerySet["Ending"]):
    def waiting(self) -> Self:
        return self.filter(state=ProposalState.PROPOSED)


class Ending(four_eyes.Proposal):
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

    objects = EndingQuerySet.as_manager()

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
            four_eyes.confirmed_is_signed("confirmed_ending_is_signed"),
            four_eyes.two_hands("two_hands_on_an_ending"),
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

    @property
    def why(self) -> str:
        """Return its cause, for the partner's banner."""
        return CAUSES[EndingOrigin(self.origin)]

    def __str__(self) -> str:
        return f"fin anticipée le {date_format(self.ends_on)}"


class EndingStep(Step):
    ending = step_key(Ending, "fin anticipée")

    class Meta(Step.Meta):
        verbose_name = "étape d’une fin anticipée"
        verbose_name_plural = "étapes d’une fin anticipée"
