"""Passwords: long, hashed by Argon2id (S4, S5).

Length and lists of known and guessable words, no character classes (ASVS 6.2, CNIL
2022-100 with the lock).
"""

import functools
import re
import threading
import unicodedata
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.signin import actions, emails, rate_limits, reset_tokens, sessions
from accounts.signin.access import AccountRequest
from accounts.signin.emails import notify
from accounts.signin.factors import seen_from
from accounts.signin.models import SecurityEventKind, SessionEnd
from accounts.users.enums import Role, UserState
from accounts.users.models import User
from opus.lib.audit import journal
from opus.lib.audit.journal import Action

MIN_LENGTH = 15
MIN_LENGTH_PRIVILEGED = 16
# Far beyond what a person types: it prevents hashing a megabyte.
MAX_LENGTH = 1024
# Characters required besides the guessable words.
MIN_OWN_CHARACTERS = 12

SEPARATORS = r"[\s’'\-]+"
MONTHS = (
    "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre"
    "|decembre"
)
# The last ones: rows of the keyboard, sequences of the alphabet and digits.
WORDS = """
opus francetravail poleemploi anpe emploi identifiant motdepasse password azerty qwerty
bienvenue connexion conseiller mission missionlocale ccas plie mairie
1234567890 123456 abcdef asdfghjkl azertyuiop qsdfghjklm qwertyuiop wxcvbn
"""

# A list of French habits; a phrase needs at least this many words of it.
COMMON = Path(__file__).with_name("common_passwords.txt")
FEWEST_COMMON_WORDS = 3
# Digits and signs used as letters: « P0le emplo1 ».
DISGUISES = str.maketrans("01345789@$€!|+", "oieastbgaseilt")
NUMBER = r"\d{2,}"

# Argon2id uses 100 MiB for each hash: two at once in a process, the rest queue.
HASHING = threading.BoundedSemaphore(2)


class Argon2Hasher(Argon2PasswordHasher):
    def encode(self, password: str, salt: str) -> str:
        with HASHING:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with HASHING:
            return super().verify(password, encoded)


class LengthValidator:
    """Require fifteen characters; sixteen for those who administer accounts."""

    def validate(self, password: str, user: User | None = None) -> None:
        least = self.least(user)
        if len(password) < least:
            raise ValidationError(
                f"Ce mot de passe compte {len(password)} caractères : il en faut au "
                f"moins {least}. Une phrase de quatre ou cinq mots sans lien entre eux "
                "convient bien.",
                code="password_too_short",
            )
        if len(password) > MAX_LENGTH:
            raise ValidationError(
                f"Ce mot de passe dépasse {MAX_LENGTH} caractères : raccourcissez-le.",
                code="password_too_long",
            )

    @staticmethod
    def least(user: User | None) -> int:
        is_plain = user is None or user.role == Role.ADVISER
        return MIN_LENGTH if is_plain else MIN_LENGTH_PRIVILEGED


class ContextWordsValidator:
    """Refuse passwords made of guessable words.

    Opus, France Travail, the structure, its town, the person's names, a month with its
    year. Only the remaining characters count.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        words = sorted({*WORDS.split(), *words_of(user)}, key=len, reverse=True)
        for text in [password, password.translate(DISGUISES)]:
            rest, found = without(words, flatten(text))
            if found and len(rest) < MIN_OWN_CHARACTERS:
                raise ValidationError(
                    "Ce mot de passe repose sur des mots faciles à deviner ici : "
                    f"{', '.join(found)}. Choisissez des mots sans lien avec votre "
                    "travail, votre nom ou la date.",
                    code="password_context",
                )


class FrenchHabitsValidator:
    """Refuse fewer than three frequent words, with digits and signs."""

    def validate(self, password: str, user: User | None = None) -> None:
        # A digit alone may stand for a letter; several are a number.
        undisguised = re.sub(NUMBER, "", password).translate(DISGUISES)
        for text in [password, undisguised]:
            letters = "".join(char for char in flatten(text) if char.isalpha())
            if letters and is_habit(letters):
                raise ValidationError(
                    "Ce mot de passe est fait de mots que beaucoup choisissent. Prenez "
                    "quatre ou cinq mots sans lien entre eux.",
                    code="password_habit",
                )


@functools.cache
def common_words() -> frozenset[str]:
    lines = COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def is_habit(letters: str) -> bool:
    """Return whether fewer than three common words make these letters."""
    # For each position, the smallest sets of words that lead there.
    reached: list[set[frozenset[str]]] = [set() for _ in range(len(letters) + 1)]
    reached[0].add(frozenset())
    longest = max(map(len, common_words()))
    for start, ways in enumerate(reached[:-1]):
        for end in range(start + 3, min(len(letters), start + longest) + 1):
            word = letters[start:end]
            if ways and word in common_words():
                reached[end] |= {
                    way | {word}
                    for way in ways
                    if len(way | {word}) < FEWEST_COMMON_WORDS
                }
    return bool(reached[-1])


def without(words: list[str], text: str) -> tuple[str, list[str]]:
    """Return the text without those words, and the matches."""
    found = []
    for word in words:
        if word in text:
            text = text.replace(word, "")
            found.append(word)
    for pattern in (rf"(?:{MONTHS})?(?:19|20)\d\d", MONTHS):
        if match := re.search(pattern, text):
            found.append(match[0])
            text = re.sub(pattern, "", text)
    return text, found


def flatten(text: str) -> str:
    """Keep lowercase letters and digits: « Île-d’Abeau » → iledabeau."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if char.isalnum())


def words_of(user: Any) -> set[str]:
    """Return guessable words about a person: names, town, structure."""
    if user is None:
        return set()
    texts = [user.identifier, user.first_name, user.last_name]
    texts += [user.first_name + user.last_name, user.last_name + user.first_name]
    texts += re.split(r"[@.+_\-]+", user.email)
    places = [user.agency] if user.agency else []
    if structure := user.structure:
        texts += [structure.name, structure.sender_name, structure.city]
        texts += re.split(SEPARATORS, structure.name)
        places.append(structure.agency)
    for agency in places:
        texts += [agency.name, agency.city, *re.split(SEPARATORS, agency.name)]
    return {word for text in texts if len(word := flatten(text)) >= 4}


def request_link(request: HttpRequest, typed: str) -> None:
    """Send a link to that identifier's or address's account.

    The same counts, entries and e-mail tasks happen in the same order for an unknown
    one: only the mailbox learns about the account (S7). Raises TooManyTries.
    """
    actions.count_try(request, rate_limits.TryKind.RESET, typed)
    with transaction.atomic():
        account = find(typed)
        entry = journal.record(Action.PASSWORD_RESET_ASKED, by=None, target=account)
        may_leave = one_more_link(account.identifier if account else typed)
        emails.reset_link.post(
            key=f"journal:{entry.pk}",
            account=account.pk if account and may_leave else 0,
            at=int(timezone.now().timestamp()),
        )


def one_more_link(identifier: str) -> bool:
    """Return whether another link may leave for that account (S8).

    The form counts what is typed, and an identifier and an address are two different
    inputs. If the form refused both after one limit, a stranger would learn that they
    are one person's (S7). So this count is never shown: beyond it, the mailbox gets
    nothing.
    """
    try:
        rate_limits.count_try(
            rate_limits.TryKind.RESET_LINK, account=identifier, address=None
        )
    except rate_limits.TooManyTries:
        return False
    return True


def find(typed: str) -> User | None:
    """Return the account of that identifier or address, unless closed."""
    word = typed.strip()
    accounts = User.objects.exclude(state=UserState.CLOSED)
    return (accounts.named(word) | accounts.filter(email__iexact=word)).first()


@transaction.atomic
def choose(request: HttpRequest, token: str, password: str) -> bool:
    """Set the password, end sessions; False if invalid."""
    account = reset_tokens.account_of(token, lock=True)
    if account is None:
        return False
    account.set_password(password)
    account.save(update_fields=["password"])
    rate_limits.unlock(account.identifier, rate_limits.TryKind.PASSWORD)
    account.open_sessions.all().end(SessionEnd.CUT)
    actions.open_session(request, account)
    record_change(account, how="lien")
    return True


def change(request: AccountRequest, old: str, new: str) -> bool:
    """Change the password; only this session stays; raise TooManyTries."""
    identifier = request.user.identifier
    this_try = actions.count_try(request, rate_limits.TryKind.PASSWORD, identifier)
    if not request.user.check_password(old):
        actions.record_failure(this_try, rate_limits.TryKind.PASSWORD, identifier)
        return False
    with transaction.atomic():
        this_try.forgive()
        account = sessions.lock(request.user)
        account.set_password(new)
        account.save(update_fields=["password"])
        sessions.keep_only_this(request, account)
        record_change(account, how="titulaire", **seen_from(request))
    return True


def record_change(account: User, **details: Any) -> None:
    journal.record(Action.PASSWORD_CHANGED, by=account, target=account, details=details)
    notify(account, SecurityEventKind.PASSWORD, by=account)
