"""Names of persons and identifiers of the trade: what they look like."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

validate_safir = RegexValidator(
    r"^\d{5}$", "Un code SAFIR compte 5 chiffres, par exemple 38086."
)
validate_insee = RegexValidator(
    r"^(\d{2}|2[AB])\d{3}$", "Un code INSEE compte 5 caractères, par exemple 38193."
)
validate_rome = RegexValidator(
    r"^[A-N]\d{4}$", "Un code ROME est une lettre et 4 chiffres, par exemple F1703."
)
validate_postcode = RegexValidator(r"^\d{5}$", "Un code postal compte 5 chiffres.")


def validate_siret(value: str) -> None:
    """A SIRET: 14 digits whose Luhn sum is right.

    La Poste's establishments are told by the sum of their digits instead.

    Raises:
        ValidationError: the number cannot exist.
    """
    if not re.fullmatch(r"\d{14}", value):
        raise ValidationError("Un numéro SIRET compte 14 chiffres, sans espace.")
    digits = [int(digit) for digit in value]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    is_la_poste = value.startswith("356000000") and sum(digits) % 5 == 0
    if (doubled + sum(digits[-1::-2])) % 10 and not is_la_poste:
        raise ValidationError(
            "Ce numéro SIRET n’existe pas : vérifiez chacun de ses 14 chiffres."
        )


def validate_ft_id(value: str) -> None:
    """A France Travail identifier: 11 digits, or the older 7 digits and 1 character.

    Raises:
        ValidationError: it has neither form.
    """
    if not re.fullmatch(r"\d{11}|\d{7}[0-9A-Z]", value):
        raise ValidationError(
            "L’identifiant France Travail compte 11 chiffres, ou 7 chiffres suivis "
            "d’un chiffre ou d’une lettre (ancien format), par exemple 1234567A."
        )


# Controls, formats, surrogates, private use, unassigned: they show nothing, or turn the
# text around them (``Cf`` has the bidirectional overrides).
HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn"}
# Those of them that PostgreSQL refuses in a name, whoever writes.
HIDDEN = (
    r"[\u0001-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\ue000-\uf8ff\ufeff\ufff9-\ufffb]"
)
NOTHING_TO_READ = (
    "Ce nom ne contient aucun signe lisible\u00a0: écrivez-le avec ses lettres."
)
NOT_WHOLE = "Ce nom contient un signe qui ne se voit pas\u00a0: retapez-le."


def clean_name(value: str) -> str:
    """Return a name without hidden characters, its spaces made plain, in NFC."""
    shown = "".join(
        " " if char.isspace() else char
        for char in value
        if char.isspace() or unicodedata.category(char) not in HIDDEN_CATEGORIES
    )
    return " ".join(unicodedata.normalize("NFC", shown).split())


def read_name(value: Any) -> Any:
    """Return the clean name of what was typed; anything but text is left as it is.

    Raises:
        ValidationError: something was typed, and nothing of it shows.
    """
    if not isinstance(value, str):
        return value
    name = clean_name(value)
    if value.strip() and not name:
        raise ValidationError(NOTHING_TO_READ)
    return name


class NameFormField(forms.CharField):
    """A person's name, as it is typed."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(read_name(value))


class NameField(models.CharField):
    """A person's name, or a line that begins with one: cleaned on every way in.

    Migrations see Django's own ``CharField``.
    """

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def to_python(self, value: Any) -> Any:
        return super().to_python(read_name(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """What no form has read is cleaned as it is written."""
        value = read_name(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    def get_prep_value(self, value: Any) -> Any:
        """Clean what is looked for or updated, too."""
        return super().get_prep_value(
            clean_name(value) if isinstance(value, str) else value
        )

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": NameFormField, **kwargs})


def shows_whole(*names: str) -> Q:
    """Return the condition of a constraint: no hidden character in those names."""
    return Q(*(~Q(**{f"{name}__regex": HIDDEN}) for name in names))
