"""Identifiers of the trade: what they look like, and what they are called."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

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
