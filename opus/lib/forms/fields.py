r"""Formats of SIRETs, identifiers, names, telephones and postcodes.

Digits are ASCII: Python's ``\d`` and ``isdigit`` accept those of every script.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Any, ClassVar

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from stdnum.fr import siret

validate_safir = RegexValidator(
    r"^[0-9]{5}\Z", "Un code SAFIR compte 5 chiffres, par exemple 38086."
)
validate_insee = RegexValidator(
    r"^([0-9]{2}|2[AB])[0-9]{3}\Z",
    "Un code INSEE compte 5 caractères, par exemple 38193.",
)
NOT_A_POSTCODE = "Un code postal compte 5 chiffres, par exemple 38000."
validate_postcode = RegexValidator(r"^[0-9]{5}\Z", NOT_A_POSTCODE)

NOT_A_PHONE = (
    "Écrivez un numéro de téléphone entier, en chiffres, par exemple 04\xa065\xa071"
    "\xa000\xa000\xa0; un numéro de l’étranger commence par + et l’indicatif du pays."
)
# Characters of a number; the library checks the rest.
PHONE_SIGNS = r"^[0-9 +.()/-]*$"
LONGEST_PHONE = 20
FRANCE = 33


def validate_siret(value: str) -> None:
    """Check 14 digits and their key."""
    if not re.fullmatch(r"[0-9]{14}", value):
        raise ValidationError("Un numéro SIRET compte 14 chiffres, sans espace.")
    # The library accepts a company of zeros, whose key is right.
    if not siret.is_valid(value) or not int(value[:9]):
        raise ValidationError(
            "Ce numéro SIRET n’existe pas : vérifiez chacun de ses 14 chiffres."
        )


class SiretFormField(forms.CharField):
    """A SIRET, typed with or without spaces; the model checks it."""

    def to_python(self, value: Any) -> Any:
        return siret.compact(super().to_python(value) or "")


def validate_ft_id(value: str) -> None:
    """Check 11 digits, or 7 and 1 character."""
    if not re.fullmatch(r"[0-9]{11}|[0-9]{7}[0-9A-Z]", value):
        raise ValidationError(
            "L’identifiant France Travail compte 11 chiffres, ou 7 chiffres suivis "
            "d’un chiffre ou d’une lettre (ancien format), par exemple 1234567A."
        )


# Controls, formats, surrogates, private use, unassigned: they are invisible, or
# reverse the text around them (``Cf`` has the bidirectional overrides).
HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn"}
# Those that PostgreSQL refuses in a name.
HIDDEN = (
    r"[\u0001-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\ue000-\uf8ff\ufeff\ufff9-\ufffb]"
)
NOTHING_TO_READ = (
    "Ce nom ne contient aucun signe lisible\u00a0: écrivez-le avec ses lettres."
)
NOT_WHOLE = "Ce nom contient un signe qui ne se voit pas\u00a0: retapez-le."


def clean_name(value: str) -> str:
    """Return a name in NFC, without hidden characters."""
    shown = "".join(
        " " if char.isspace() else char
        for char in value
        if char.isspace() or unicodedata.category(char) not in HIDDEN_CATEGORIES
    )
    return " ".join(unicodedata.normalize("NFC", shown).split())


def read_name(value: Any) -> Any:
    """Clean a text; raise ValidationError if nothing is visible."""
    if not isinstance(value, str):
        return value
    name = clean_name(value)
    if value.strip() and not name:
        raise ValidationError(NOTHING_TO_READ)
    return name


class NameFormField(forms.CharField):
    def to_python(self, value: Any) -> Any:
        return super().to_python(read_name(value))


class TidyField(models.CharField):
    """A text tidied at each write; migrations see ``CharField``."""

    tidy: ClassVar[Callable[[str], str]]
    form_class: ClassVar[type[forms.CharField]]

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def tidied(self, value: Any) -> Any:
        return type(self).tidy(value) if isinstance(value, str) else value

    def to_python(self, value: Any) -> Any:
        return super().to_python(self.tidied(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = self.to_python(value)
            setattr(model_instance, self.attname, value)
        return value

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(self.tidied(value))

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": self.form_class, **kwargs})


class NameField(TidyField):
    """A person's name."""

    tidy = clean_name
    form_class: ClassVar[type[forms.CharField]] = NameFormField

    def to_python(self, value: Any) -> Any:
        return super().to_python(read_name(value))


def shows_whole(*names: str) -> Q:
    """Return the condition of a constraint: no hidden character."""
    return Q(*(~Q(**{f"{name}__regex": HIDDEN}) for name in names))


def validate_phone(value: str) -> None:
    """Check that France can dial it (overseas and 3949, too)."""
    try:
        number = phonenumbers.parse(value, "FR")
    except phonenumbers.NumberParseException as error:
        raise ValidationError(NOT_A_PHONE, code="phone") from error
    is_known = phonenumbers.is_possible_number(
        number
    ) or phonenumbers.is_valid_short_number_for_region(number, "FR")
    if not (is_known and re.fullmatch(PHONE_SIGNS, value)):
        raise ValidationError(NOT_A_PHONE, code="phone")


def format_phone(value: str) -> str:
    """Write a number as it is read: « 06 14 25 36 47 »."""
    try:
        number = phonenumbers.parse(value, "FR")
    except phonenumbers.NumberParseException:
        return value
    digits = re.sub(r"[^0-9]", "", value)
    # A short number, or two in one field, stay as they are.
    if not phonenumbers.is_possible_number(number) or not digits.endswith(
        str(number.national_number)
    ):
        return value
    is_french = number.country_code == FRANCE
    styles = phonenumbers.PhoneNumberFormat
    style = styles.NATIONAL if is_french else styles.INTERNATIONAL
    written = phonenumbers.format_number(number, style)
    return written if len(written) <= LONGEST_PHONE else value


class PhoneFormField(forms.CharField):
    def to_python(self, value: Any) -> Any:
        return format_phone(super().to_python(value) or "")


class PhoneField(TidyField):
    """A number, written in one way."""

    tidy = format_phone
    form_class = PhoneFormField


def phone_field(label: str, **options: Any) -> PhoneField:
    return PhoneField(
        label,
        max_length=LONGEST_PHONE,
        blank=True,
        validators=[validate_phone],
        **options,
    )


def phones_written(*names: str, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{each}__regex": PHONE_SIGNS for each in names}),
        name=name,
        violation_error_message=NOT_A_PHONE,
    )


def siret_written(name: str) -> models.CheckConstraint:
    """Return the constraint: 14 digits, and of somebody."""
    return models.CheckConstraint(
        condition=Q(siret__regex=r"^[0-9]{14}$") & ~Q(siret__startswith="000000000"),
        name=name,
        violation_error_message="Un numéro SIRET compte 14 chiffres, sans espace.",
    )


def postcode_written(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(postcode="") | Q(postcode__regex=r"^[0-9]{5}$"),
        name=name,
        violation_error_message=NOT_A_POSTCODE,
    )
