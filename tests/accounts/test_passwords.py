"""What a password must be: long and one's own, nothing else (S4, S5)."""

import string

import pytest
from django.contrib.auth.password_validation import (
    get_default_password_validators,
    validate_password,
)
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from accounts.models import Agency, Role, Structure, User
from accounts.passwords import ContextWordsValidator, flatten

TOWN = Structure(
    name="CCAS de Saint-Quentin-Fallavier",
    sender_name="Service emploi",
    city="Saint-Quentin-Fallavier",
    agency=Agency(name="Agence de Bourgoin-Jallieu", city="Bourgoin-Jallieu"),
)


def person(role: str = Role.ADVISER) -> User:
    user = User(
        identifier="IDA-7K2F",
        first_name="Claire",
        last_name="Montgolfier",
        email="claire.montgolfier@ville.example",
        role=role,
    )
    user.structure = TOWN
    return user


ACCEPTED = [
    "quinze lettres!",
    "quatre mots sans lien",
    "aaaa bbbb cccc dddd eeee",
    "correcthorsebatterystaple",
    "   des espaces autour   ",
    "été, hiver, printemps et pluie",
    "un corpus de textes anciens",
    "mon opus préféré est le violoncelle",
    "в чащах юга жил бы цитрус",
    "🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊",
    "x" * 64 + " et la suite " + "y" * 64,
]
REFUSED = {
    "quatorze lettr": "14 caractères",
    "1q2w3e4r5t6y7u8i9o0p": "trop courant",
    "123456789012345": "1234567890",
    "azertyuiopqsdfghjklm": "azertyuiop",
    "opusopusopusopus": "opus",
    "Opus-France-Travail-2026": "francetravail",
    "FranceTravail2026!": "francetravail",
    "P0le-emploi Pole emploi": "poleemploi",
    "identifiant-novembre-2026": "identifiant",
    "Novembre2026Novembre": "novembre2026",
    "décembre 2026 opus": "decembre2026",
    "Saint-Quentin-Fallavier": "saintquentinfallavier",
    "fallavier.fallavier": "fallavier",
    "Montgolfier-Claire-2026": "montgolfier",
    "IDA-7K2F-IDA-7K2F": "ida7k2f",
    "Bienvenue-Opus-2026!": "bienvenue",
    "motdepassemotdepasse": "motdepasse",
}


@pytest.mark.parametrize("password", ACCEPTED)
def test_long_passwords_of_ones_own_are_accepted(password):
    """S4: no class of characters is demanded, no maximum below 128."""
    validate_password(password, person())


@pytest.mark.parametrize(("password", "said"), REFUSED.items())
def test_short_common_and_guessable_passwords_are_refused_with_the_reason(
    password, said
):
    """S4."""
    with pytest.raises(ValidationError) as refusal:
        validate_password(password, person())

    assert said in " ".join(refusal.value.messages)


@pytest.mark.parametrize(
    ("role", "least"),
    [(Role.ADVISER, 15), (Role.RGC, 16), (Role.AGENT, 16), (Role.FT_ADMIN, 16)],
)
def test_who_holds_others_accounts_needs_one_character_more(role, least):
    """S4."""
    long_enough = "z k w q j x v b p m u y t r f"[: least * 2].replace(" ", "")
    long_enough += "é" * (least - len(long_enough))

    validate_password(long_enough, person(role))
    with pytest.raises(ValidationError, match=f"au moins {least}"):
        validate_password(long_enough[:-1], person(role))


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(
    st.text(
        st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=15, max_size=128
    )
)
def test_any_printable_text_is_accepted_and_verifies_exactly(password):
    """S4: 15 to 128 characters of any script, never cut nor changed."""
    user = person()
    assume(not guessable(password, user))
    validate_password(password, user)

    user.set_password(password)

    assert user.check_password(password)
    assert not user.check_password(password + "x")
    assert not user.check_password(password[:-1])


def guessable(password: str, user: User) -> bool:
    """Whether a list has it: known passwords, words of here, one's own names."""
    for validator in get_default_password_validators()[1:]:
        try:
            validator.validate(password, user)
        except ValidationError:
            return True
    return False


def test_the_words_refused_are_told_and_accents_and_case_do_not_hide_them():
    with pytest.raises(ValidationError, match="francetravail"):
        ContextWordsValidator().validate("FRANÇE-trâvail 2026", person())


def test_a_password_without_such_words_is_not_judged_by_them():
    ContextWordsValidator().validate(string.punctuation[:15], person())


def test_flattening_keeps_scripts_that_have_no_accents():
    assert flatten("Île-d’Abeau 38") == "iledabeau38"
    assert flatten("цитрус") == "цитрус"
