"""What a password must be: long and one's own, nothing else (S4, S5)."""

import string
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import (
    Argon2PasswordHasher,
    check_password,
    make_password,
)
from django.contrib.auth.password_validation import (
    get_default_password_validators,
    validate_password,
)
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from accounts.signin.passwords import (
    Argon2Hasher,
    ContextWordsValidator,
    common_words,
    flatten,
    is_habit,
)
from accounts.structures.models import Agency, Structure
from accounts.users.enums import Role
from accounts.users.models import User
from tests.accounts.factories import PASSWORD
from tests.cases import each_case

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
    # Three words of the list of habits, or one among others, make a phrase.
    "soleil chocolat marseille",
    "le soleil se couche derrière la dune",
    "papa joue du violoncelle le samedi",
    "2 chevaux, 4 roues et 1 volant",
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
    # The agency's name and town, the person's own words in any order.
    "Bourgoin-Jallieu-38300": "bourgoinjallieu",
    "agence bourgoin 2026": "bourgoin",
    "Claire Montgolfier 38": "clairemontgolfier",
    "montgolfierclaire!!": "montgolfierclaire",
    "ccas saint quentin 1": "quentin",
    # Letters in disguise.
    "Fr@nce-Tr4v@1l": "14 caractères",
    "Fr@nce-Tr4v@1l-Fr@nce": "francetravail",
    "0pu5-0pu5-0pu5-0pu5": "opus",
    "M0ntg0lf13r-Cl41r3": "montgolfier",
    # French habits: a first name, a town, a tender word, doubled or numbered.
    "soleil2026soleil26": "beaucoup choisissent",
    "doudoudoudoudoudou": "beaucoup choisissent",
    "Marseille-13-Marseille-13": "beaucoup choisissent",
    "Je t’aime mon amour": "beaucoup choisissent",
    "nicolas.camille.1998": "beaucoup choisissent",
    "ch0c0l4t-ch0c0l4t-77": "beaucoup choisissent",
    "Liberté, égalité, fraternité": "beaucoup choisissent",
}


@each_case("password", ACCEPTED)
def test_long_passwords_of_ones_own_are_accepted(password):
    """S4: no class of characters is demanded, no maximum below 128."""
    validate_password(password, person())


@each_case(("password", "said"), REFUSED.items())
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


def test_the_list_of_habits_is_of_plain_words_and_large_enough():
    """S4: what is compared has small letters without accents, so has the list."""
    assert len(common_words()) >= 500
    assert {word for word in common_words() if flatten(word) != word} == set()
    assert min(map(len, common_words())) >= 3


def test_a_long_password_of_habits_is_judged_without_delay():
    """No number of words makes the look exponential."""
    assert is_habit("doudou" * 170)
    assert not is_habit("papamamantata" * 80)


def test_flattening_keeps_scripts_that_have_no_accents():
    assert flatten("Île-d’Abeau 38") == "iledabeau38"
    assert flatten("цитрус") == "цитрус"


@pytest.fixture
def long_hashes(monkeypatch):
    """Long enough for twenty threads to meet, with a sixth of the memory."""
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 16 * 1024)


def most_at_once(hasher: Argon2Hasher, monkeypatch) -> int:
    """How many of twenty parallel checks work at the same moment, at most."""
    lock, working, most = threading.Lock(), [], [0]
    together = threading.Barrier(20)
    verify = Argon2PasswordHasher.verify

    def watched(self, password, encoded):
        with lock:
            working.append(1)
            most[0] = max(most[0], len(working))
        try:
            return verify(self, password, encoded)
        finally:
            with lock:
                working.pop()

    monkeypatch.setattr(Argon2PasswordHasher, "verify", watched)

    def check(_: int) -> bool:
        together.wait()
        return hasher.verify(PASSWORD, encoded)

    encoded = hasher.encode(PASSWORD, hasher.salt())
    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(check, range(20)))
    return most[0]


@pytest.mark.usefixtures("long_hashes")
def test_twenty_parallel_sign_ins_hash_two_at_a_time(monkeypatch):
    """S5: 200 MiB at most in a process, whatever the flood."""
    assert most_at_once(Argon2Hasher(), monkeypatch) == 2


@pytest.mark.usefixtures("long_hashes")
def test_without_the_cap_they_would_hash_together(monkeypatch):
    """The negative control: Django's own hasher."""
    assert most_at_once(Argon2PasswordHasher(), monkeypatch) > 2


@pytest.mark.usefixtures("heavy_hashes")
def test_the_hash_takes_the_parameters_of_the_standard():
    """S5: Argon2id, 100 MiB, two passes."""
    heavy = make_password(PASSWORD)

    assert heavy.startswith("argon2$argon2id$v=19$m=102400,t=2,p=8$")
    assert check_password(PASSWORD, heavy)
