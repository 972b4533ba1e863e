"""The one limiter: of tries (password, code, first secret, reset), and of uses (S6).

It counts in PostgreSQL, so that the loss of Redis opens no door; it counts *before*
the secret is looked at, under lock, so that fifty threads get no more tries than one;
and it never sleeps: a delay is an answer (429, Retry-After).

**Tries** (``take``). Per account: five tries free, then growing delays, and the tenth
failure in a row shuts that door for an hour. An unknown identifier has the same counter
and the same answers (S7). Per address: fifteen failures in ten minutes shut it for ten
minutes.

**Uses** (``count_use``): searches, or whatever else an account may do only so often. It
returns how many there were in the window that ends now, and refuses above a limit where
one is given (``TooManyUses``: the middleware answers it with a 429). Persons and
exports have their ceilings in ``accounts.ceilings``, which counts in the journal.
``is_new_burst`` is for telling a storm once, however long it lasts.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import ipaddress
import math
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from accounts.models.limits import Throttle, Usage
from opus.lib import audit
from opus.lib.audit import Action

FREE_TRIES = 5
# After the fifth failure in a row, the sixth… the ninth.
DELAYS = [dt.timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 240)]
LOCK_AFTER = FREE_TRIES + len(DELAYS)
LOCK_LASTS = dt.timedelta(hours=1)
ADDRESS_TRIES = 15
ADDRESS_WINDOW = dt.timedelta(minutes=10)
# Failures further apart than this are no longer "in a row".
FORGOTTEN_AFTER = dt.timedelta(hours=24)
PURGED_AT_ONCE = 100
# Searches of one account worth an alert, and over how long (design section 8).
SEARCHES_TOLD = 600
SEARCH_WINDOW = dt.timedelta(minutes=10)
# A window of uses slides by a sixtieth of itself.
SLOTS = 60


class Door(StrEnum):
    """What is tried."""

    PASSWORD = "mot-de-passe"  # noqa: S105
    CODE = "code"
    FIRST_ACCESS = "premier-acces"
    ACTIVATION = "activation"
    PASSKEY = "cle"
    RESET = "reinitialisation"
    # The links that leave for one account, whatever was typed to ask for them.
    RESET_LINK = "lien-reinitialisation"


class Use(StrEnum):
    """What an account may do only so often."""

    SEARCH = "recherche"
    SHEET = "fiche-information"
    # The links of documents, that whoever has one opens without an account.
    DOCUMENT_LINK = "lien-document"
    PRINT_JOB = "impression"
    # Lines of the journal about what comes too often from outside.
    TOO_EARLY = "essai-trop-tot"
    FORGERY = "signature-fausse"


class TooManyTries(Exception):
    """The door is shut for a while; ``str(error)`` says for how long.

    ``seconds`` is what the Retry-After header tells.
    """

    what = "Trop d’essais"

    def __init__(self, wait: dt.timedelta, sentence: str = "") -> None:
        self.seconds = max(1, math.ceil(wait.total_seconds()))
        super().__init__(
            sentence
            or f"{self.what}. Attendez {in_words(self.seconds)} avant de recommencer."
        )


class TooManyUses(TooManyTries):
    """A ceiling of uses is reached; ``AccessMiddleware`` answers it as a 429."""

    what = "Trop de demandes en peu de temps"


@dataclasses.dataclass(frozen=True)
class Try:
    """A try that was let through, counted as a failure until it is forgiven."""

    account_key: str | None
    address_key: str | None
    at: dt.datetime

    @transaction.atomic
    def forgive(self) -> None:
        """It succeeded: the account's failures in a row end; the address loses one."""
        if self.account_key:
            Throttle.objects.filter(key=self.account_key).update(tries=[])
        if self.address_key:
            take_back(self.address_key, self.at)


def take(door: Door, *, account: str | None, address: str | None) -> Try:
    """Count one more try at that door, before looking at the secret.

    Args:
        account: the identifier, as typed: nobody may have it. None for a passkey, whose
            signature nobody guesses: that path stays open when the password's is shut.
        address: the client's, or None where there is none (a Unix socket).

    Raises:
        TooManyTries: wait first. This try is then not counted.
    """
    now = timezone.now()
    account_key = None if account is None else key_of(door, normalise(account))
    # One for all doors: an attacker knocks at each.
    address_key = key_of("adresse", network_of(address)) if address else None
    if address_key:
        # First, so that a blocked address cannot run up somebody's counter.
        count(address_key, now, OfAddress())
    try:
        if account_key:
            count(account_key, now, OfAccount())
    except TooManyTries:
        # Neither does a colleague's locked account shut the whole office out.
        if address_key:
            take_back(address_key, now)
        raise
    return Try(account_key, address_key, now)


def unlock(account: str, *doors: Door) -> None:
    """Forget an account's failures, at those doors or at all of them.

    It was given a new first access, signed in with a passkey, or chose a password by a
    link of its mailbox. That last one opens no other door than the password's: it would
    else buy more tries of the second factor.
    """
    keys = [key_of(door, normalise(account)) for door in doors or Door]
    Throttle.objects.filter(key__in=keys).update(tries=[])


def count_use(
    use: str,
    *,
    account: object,
    window: dt.timedelta,
    limit: int | None = None,
    amount: int = 1,
    lasts: bool = True,
) -> int:
    """Count what that account does, and say how often it did in the window.

    Exact whatever the number of threads: the counter's row is locked. Call it outside
    of the transaction of what is counted, which might roll it back.

    Args:
        use: a member of ``Use``, or another code of the caller's.
        account: the account's number, or whatever else stands for who does it.
        window: how far back uses count; it slides by a sixtieth of itself, and never
            counts less than it says.
        limit: the most that the window may hold; None counts and refuses nothing.
        amount: how many uses this is: the persons of a list, for instance.
        lasts: whether it waits for the disk. Without, a server that is cut off loses
            what it counted in its last half second, and nothing else.

    Returns:
        The uses in the window, these included.

    Raises:
        TooManyUses: there would be more than the limit. These are then not counted.
    """
    now = timezone.now()
    step = window.total_seconds() / SLOTS
    slot = int(now.timestamp() // step)
    key = key_of(use, f"{account}:{window.total_seconds():.0f}")
    oldest = slot - SLOTS
    total = Usage.objects.add(
        key,
        slot=slot,
        oldest=oldest,
        amount=amount,
        limit=limit,
        expires_at=now + 2 * window,
        lasts=lasts,
    )
    if total is None:
        raise TooManyUses(wait_for(key, amount, limit or 0, oldest, step))
    return total


def count_search(account: User) -> None:
    """One more search of that account: told to the journal from 600 in ten minutes on.

    Told once a storm; refused only above ``OPUS_SEARCH_LIMIT``, which a demonstration
    does not have.

    Raises:
        TooManyUses: there would be more searches than that.
    """
    count = count_use(
        Use.SEARCH,
        account=account.pk,
        window=SEARCH_WINDOW,
        limit=settings.SEARCH_LIMIT or None,
        # Each page of results would wait for the disk, and events of the feed for it.
        lasts=False,
    )
    if count >= SEARCHES_TOLD and is_new_burst(
        Use.SEARCH, account=account.pk, quiet=SEARCH_WINDOW
    ):
        audit.record(
            Action.SEARCH_SURGE, by=account, details={"searches": count, "minutes": 10}
        )


def wait_for(
    key: str, amount: int, limit: int, oldest: int, step: float
) -> dt.timedelta:
    """How long until so many more uses keep within the limit."""
    usage = Usage.objects.filter(pk=key).first()
    counts = {int(slot): uses for slot, uses in usage.counts.items()} if usage else {}
    counts = {slot: uses for slot, uses in counts.items() if slot >= oldest}
    excess = sum(counts.values()) + amount - limit
    for slot in sorted(counts):
        excess -= counts[slot]
        if excess <= 0:
            opens_at = (slot + SLOTS + 1) * step
            return dt.timedelta(seconds=opens_at - timezone.now().timestamp())
    return dt.timedelta(seconds=(SLOTS + 1) * step)  # More at once than the limit.


@transaction.atomic
def is_new_burst(what: str, *, account: object, quiet: dt.timedelta) -> bool:
    """Whether this is the first of its kind after so long a quiet: then tell it.

    Each call counts as part of the burst, so that a storm is told once, however long.
    """
    now = timezone.now()
    throttle = locked(key_of(what, str(account)), now)
    is_new = not throttle.tries or now - throttle.tries[-1] >= quiet
    throttle.tries = [now]
    throttle.save(update_fields=["tries"])
    return is_new


class Rule(Protocol):
    """How a counter decides."""

    def open_at(self, tries: Sequence[dt.datetime]) -> dt.datetime | None:
        """When one may try again after those failures; None is at once."""

    def counting(
        self, tries: Sequence[dt.datetime], now: dt.datetime
    ) -> list[dt.datetime]:
        """The failures that still count, once one may try again."""


class OfAccount:
    """Failures in a row, from anywhere."""

    def open_at(self, tries: Sequence[dt.datetime]) -> dt.datetime | None:
        if len(tries) < FREE_TRIES:
            return None
        if len(tries) >= LOCK_AFTER:
            return tries[-1] + LOCK_LASTS
        return tries[-1] + DELAYS[len(tries) - FREE_TRIES]

    def counting(
        self, tries: Sequence[dt.datetime], now: dt.datetime
    ) -> list[dt.datetime]:
        if len(tries) >= LOCK_AFTER:
            return []  # The hour has passed: a new row begins.
        return [at for at in tries if now - at < FORGOTTEN_AFTER]


class OfAddress:
    """Failures of one address, whatever the accounts, over ten minutes."""

    def open_at(self, tries: Sequence[dt.datetime]) -> dt.datetime | None:
        return tries[-1] + ADDRESS_WINDOW if len(tries) >= ADDRESS_TRIES else None

    def counting(
        self, tries: Sequence[dt.datetime], now: dt.datetime
    ) -> list[dt.datetime]:
        return [at for at in tries if now - at < ADDRESS_WINDOW]


@transaction.atomic
def count(key: str, now: dt.datetime, rule: Rule) -> None:
    """Add a try to a counter, unless it must wait.

    Raises:
        TooManyTries: it must.
    """
    throttle = locked(key, now)
    open_at = rule.open_at(throttle.tries)
    if open_at and open_at > now:
        raise TooManyTries(open_at - now)
    throttle.tries = [*rule.counting(throttle.tries, now), now]
    throttle.save(update_fields=["tries"])


def locked(key: str, now: dt.datetime) -> Throttle:
    """The counter of that key, made where missing, and locked until commit."""
    Throttle.objects.bulk_create(
        [Throttle(key=key, expires_at=now + FORGOTTEN_AFTER)],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["expires_at"],
    )
    purge(now)
    return Throttle.objects.get(key=key)


def purge(now: dt.datetime) -> None:
    """Drop some counters that are past use; nobody waits for anybody here."""
    expired = Throttle.objects.filter(expires_at__lt=now)
    keys = expired.select_for_update(skip_locked=True).values_list("key", flat=True)
    if found := list(keys[:PURGED_AT_ONCE]):
        Throttle.objects.filter(key__in=found).delete()


@transaction.atomic
def take_back(key: str, at: dt.datetime) -> None:
    """Forget one try of a counter."""
    throttle = Throttle.objects.select_for_update().filter(key=key).first()
    if throttle and at in throttle.tries:
        throttle.tries.remove(at)
        throttle.save(update_fields=["tries"])


def key_of(kind: str, subject: str) -> str:
    """The key of a counter: its kind in clear, its subject by HMAC."""
    mac = salted_hmac("accounts.limits", f"{kind}:{subject}", algorithm="sha256")
    return f"{kind}:{mac.hexdigest()[:48]}"


def normalise(identifier: str) -> str:
    """One person, one counter, however the identifier is typed."""
    return unicodedata.normalize("NFKC", identifier).strip().casefold()


def network_of(address: str | None) -> str:
    """The address, or its /64 in IPv6: a line owns all of it. Empty without address."""
    if not address:
        return ""
    ip = ipaddress.ip_address(address)
    if ip.version == 4:
        return str(ip)
    return str(ipaddress.ip_network((ip, 64), strict=False))


def in_words(seconds: int) -> str:
    """A delay as one says it."""
    if seconds < 60:
        return f"{seconds} secondes" if seconds > 1 else "1 seconde"
    minutes = math.ceil(seconds / 60)
    if minutes >= 120:
        return f"{math.ceil(minutes / 60)} heures"
    return f"{minutes} minutes" if minutes > 1 else "1 minute"
