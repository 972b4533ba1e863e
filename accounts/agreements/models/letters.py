"""Letters that the convention requires (art. 4.1, 4.3, 5.2, 12)."""

import datetime as dt
import re
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.agreements.models.amendments import Amendment
from accounts.agreements.models.conventions import convention_key
from accounts.agreements.models.terminations import Breach
from accounts.users.models import person_key
from opus.lib.background_files import FileState, FrozenDocument
from opus.lib.database.states import known
from opus.lib.dates import date_format, days_within

NUMBER_IS_TAKEN = (
    "Ce numéro de recommandé est déjà celui d’une autre lettre : vérifiez le bordereau."
)
# Weights of the digits of a postal item (UPU, standard ``S10``).
S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


class LetterKind(models.TextChoices):
    NOTICE_PERIOD = "preavis", "préavis de fin de convention (art. 12)"
    BREACH = "manquements", "manquements notifiés (art. 12)"
    BREACH_UPHELD = "maintien", "décision maintenue (art. 12)"
    BREACH_LIFTED = "levee", "procédure abandonnée (art. 12)"
    TERMINATION = "resiliation", "résiliation (art. 12)"
    AGREED_END = "fin_accord", "fin d’un commun accord"
    AMENDMENT = "avenant", "avenant (art. 5.2)"
    APPOINTMENT_AGREED = "rgc_accord", "accord sur le RGC (art. 4.1)"
    APPOINTMENT_REFUSED = "rgc_refus", "refus du RGC (art. 4.1)"
    CHANGE_VALIDATED = "rgc_changement", "changement de RGC validé (art. 4.3)"
    APPOINTMENT_WITHDRAWN = "rgc_retrait", "retrait de l’agrément du RGC (art. 4.3)"
    VACANCY = "rgc_vacance", "poste de RGC vacant (art. 4.3)"


# The letters of an end; a later end replaces an earlier one.
END_LETTERS = (LetterKind.NOTICE_PERIOD, LetterKind.TERMINATION, LetterKind.AGREED_END)


class Carrier(models.TextChoices):
    LA_POSTE = "laposte", "La Poste (13 caractères, par exemple RK 123 456 785 FR)"
    OTHER = "autre", "autre format (recommandé électronique, autre opérateur)"


def clean_registered_number(number: str, carrier: str) -> str:
    """Return it in capitals and digits; raise ValidationError."""
    number = re.sub(r"[\s.-]", "", number).upper()
    if carrier == Carrier.OTHER:
        if not re.fullmatch(r"[A-Z0-9/]{6,30}", number):
            raise ValidationError(
                "Un numéro de recommandé compte de 6 à 30 lettres et chiffres."
            )
        return number
    if not re.fullmatch(r"[A-Z]{2}[0-9]{9}[A-Z]{2}", number):
        raise ValidationError(
            "Ce numéro compte 13 caractères : deux lettres, neuf chiffres, deux "
            "lettres, par exemple RK 123 456 785 FR. Si le vôtre est fait autrement, "
            "choisissez « autre format »."
        )
    if int(number[10]) != s10_check_digit(number[2:10]):
        raise ValidationError(
            "Ce numéro n’existe pas : vérifiez chacun de ses neuf chiffres sur le "
            "bordereau."
        )
    return number


def s10_check_digit(digits: str) -> int:
    """Return the ninth digit of a postal item (UPU, ``S10``)."""
    total = sum(
        weight * int(digit) for weight, digit in zip(S10_WEIGHTS, digits, strict=True)
    )
    return {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)


class LetterQuerySet(models.QuerySet["Letter"]):
    def good(self) -> Self:
        return self.exclude(state=FileState.CANCELLED)

    def to_post(self) -> Self:
        return self.good().filter(posted_on=None)


def cause(model: Any, verbose_name: str, **options: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        model,
        models.PROTECT,
        verbose_name=verbose_name,
        related_name="letters",
        null=True,
        blank=True,
        **options,
    )


class Letter(FrozenDocument):
    """A registered letter of France Travail to a structure.

    Preparation freezes text and addressee; the post's number and dates come later. A
    wrong letter is cancelled, never deleted (evidence of art. 4.3 and 12).
    """

    kind = models.CharField("objet", max_length=20, choices=LetterKind)
    convention = convention_key("letters")
    nomination = cause("accounts.Nomination", "nomination")
    breach = cause(Breach, "manquements", editable=False)
    amendment = cause(Amendment, "avenant", editable=False)
    # Position among the letters of its convention; part of its number.
    rank = models.PositiveSmallIntegerField("rang", editable=False)
    addressee = ArrayField(
        models.CharField(max_length=120), verbose_name="destinataire", editable=False
    )
    made_by = person_key("préparée par", editable=False)
    carrier = models.CharField(
        "format du numéro", max_length=10, choices=Carrier, blank=True
    )
    registered_number = models.CharField("n° de recommandé", max_length=30, blank=True)
    posted_on = models.DateField("postée le", null=True, blank=True)
    received_on = models.DateField("présentée le", null=True, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta(FrozenDocument.Meta):
        verbose_name = "lettre"
        constraints = [
            *FrozenDocument.Meta.constraints,
            days_within("posted_on", "received_on", name="letter_within_the_years"),
            models.UniqueConstraint(
                fields=["convention", "rank"], name="one_letter_by_rank"
            ),
            models.UniqueConstraint(
                fields=["registered_number"],
                condition=~Q(registered_number=""),
                name="one_letter_by_registered_number",
                violation_error_message=NUMBER_IS_TAKEN,
            ),
            models.CheckConstraint(
                condition=Q(posted_on=None, registered_number="", carrier="")
                | Q(posted_on__isnull=False, carrier__in=Carrier.values)
                & ~Q(registered_number=""),
                name="posted_letter_has_its_number",
                violation_error_message="Une lettre postée porte sa date et son "
                "numéro de recommandé.",
            ),
            models.CheckConstraint(
                condition=Q(received_on=None)
                | Q(received_on__gte=models.F("posted_on")),
                name="letter_received_after_it_is_posted",
                violation_error_message="La lettre ne peut pas être présentée avant "
                "d’être postée.",
            ),
            models.CheckConstraint(
                condition=~Q(carrier=Carrier.LA_POSTE)
                | Q(registered_number__regex=r"^[A-Z]{2}\d{9}[A-Z]{2}$"),
                name="registered_number_of_la_poste",
            ),
            known(LetterKind, "letter_kind_is_known", "kind"),
        ]

    def __str__(self) -> str:
        return f"lettre n° {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("admin:accounts_letter_read", args=[self.pk])

    @property
    def number(self) -> str:
        return f"{self.convention.number}/L{self.rank}"

    @property
    def is_void(self) -> bool:
        return self.state == FileState.CANCELLED

    @property
    def is_posted(self) -> bool:
        return self.posted_on is not None

    @property
    def status(self) -> str:
        """Return where it is: to post, posted, presented, cancelled."""
        if self.is_void:
            return "annulée"
        if self.received_on:
            return f"présentée le {date_format(self.received_on)}"
        if self.posted_on:
            return (
                f"postée le {date_format(self.posted_on)}, n° {self.registered_number}"
            )
        return "à poster" if self.is_ready else str(self.get_state_display())

    @property
    def notified_on(self) -> dt.date | None:
        """Return the start of its delays (art. 12)."""
        return self.received_on or self.posted_on
