"""Rate limiter: tries of secrets, and uses (S6).

It counts in PostgreSQL, so losing Redis opens nothing; *before* reading the secret and
under lock, so fifty threads get no more tries than one. It never sleeps: the response
states the delay (429, Retry-After).

**Tries** (``count_try``) of a password, code, first secret or reset. Per account: five
free, then growing delays; the tenth failure in a row locks that kind of try for an
hour. An unknown identifier counts and is answered alike (S7). Per address: fifteen
failures in ten minutes lock it for ten minutes.

**Uses** (``count_use``): searches and the like, over a sliding window, with an optional
limit (``TooManyUses``: the middleware returns 429). Persons and exports have quotas of
their own.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import math
import time
import unicodedata
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.signin import sessions, user_agents
from accounts.signin.models import OpenSessionQuerySet, Throttle, Usage
from accounts.users.models import User, compact
from opus.lib import jobs
from opus.lib.audit import journal
from opus.lib.audit.journal import Action

FREE_TRIES = 5
# Delays after the fifth failure in a row, up to the ninth.
DELAYS = [dt.timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 240)]
LOCK_AFTER = FREE_TRIES + len(DELAYS)
LOCK_LASTS = dt.timedelta(hours=1)
ADDRESS_TRIES = 15
ADDRESS_WINDOW = dt.timedelta(minutes=10)
# Failures further apart than this are no longer "in a row".
FORGOTTEN_AFTER = dt.timedelta(hours=24)
PURGED_AT_ONCE = 100
# Searches of one account that raise an alert, and the window.
SEARCHES_TOLD = 600
SEARCH_WINDOW = dt.timedelta(minutes=10)
# A window of uses slides by a sixtieth of itself.
SLOTS = 60

Tries = list[dt.datetime]
Rule = Callable[[Tries, dt.datetime], tuple[dt.datetime | None, Tries]]


class TryKind(StrEnum):
    PASSWORD = "mot-de-passe"  # noqa: S105
    CODE = "code"
    FIRST_ACCESS = "premier-acces"
    ACTIVATION = "activation"
    PASSKEY = "cle"
    RESET = "reinitialisation"
    # Links sent to one account, whatever was typed to request them.
    RESET_LINK = "lien-reinitialisation"


class Use(StrEnum):
    SEARCH = "recherche"
    INFORMATION = "fiche-information"
    # Links of documents, which open without an account.
    DOCUMENT_LINK = "lien-document"
    PRINT_JOB = "impression"
    # Journal entries about too frequent requests from outside.
    TOO_EARLY = "essai-trop-tot"
    FORGERY = "signature-fausse"


class TooManyTries(Exception):
    """A refusal that states the delay; ``seconds`` is for Retry-After."""

    what = "Trop d’essais"

    def __init__(self, wait: dt.timedelta, sentence: str = "") -> None:
        self.seconds = max(1, math.ceil(wait.total_seconds()))
        super().__init__(
            sentence
            or f"{self.what}. Attendez {in_words(self.seconds)} avant de recommencer."
        )


class TooManyUses(TooManyTries):
    what = "Trop de demandes en peu de temps"
    # True if its sentence goes on the page of the refusal.
    is_explained = False


@dataclasses.dataclass(frozen=True)
class Try:
    """An accepted try: a failure unless forgiven."""

    account_key: str | None
    address_key: str | None
    at: dt.datetime
    # Unless forgiven, it locks this kind of try.
    is_last: bool = False

    @transaction.atomic
    def forgive(self) -> None:
        """Reset the account's failures after success; subtract the address's."""
        if self.account_key:
            Throttle.objects.filter(key=self.account_key).update(tries=[])
        if self.address_key:
            take_back(self.address_key, self.at)


def count_try(kind: TryKind, *, account: str | None, address: str | None) -> Try:
    """Count a try before its secret is read.

    Raises TooManyTries, the try not counted. ``account``: the identifier as typed,
    known or not; None for a passkey, which cannot be guessed: it stays open while the
    password is locked. ``address``: None on a Unix socket.
    """
    now = timezone.now()
    account_key = None if account is None else key_of(kind, normalise(account))
    is_last = False
    # One counter for all kinds: an attacker tries each.
    address_key = key_of("adresse", network_of(address)) if address else None
    if address_key:
        # First, so that a blocked address cannot increase an account's counter.
        count(address_key, now, of_address)
    try:
        if account_key:
            is_last = count(account_key, now, of_account) == LOCK_AFTER
    except TooManyTries:
        # A colleague's locked account must not lock the whole office out.
        if address_key:
            take_back(address_key, now)
        raise
    return Try(account_key, address_key, now, is_last)


def unlock(account: str, *kinds: TryKind) -> None:
    """Reset failures of some kinds of try, or all."""
    # An e-mail's link resets the password's only: it would otherwise give more tries of
    # the second factor.
    keys = [key_of(kind, normalise(account)) for kind in kinds or TryKind]
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
    """Count ``amount`` uses; return the uses in the window.

    Exact with any number of threads: the counter's row is locked. Call it outside the
    transaction of what is counted, which might roll it back.

    ``use``: a member of ``Use``, or another code. ``account``: anything that identifies
    the user. ``window`` slides by a sixtieth of itself and never counts less.
    ``lasts``: wait for the disk; without, a crash loses the last half second.

    Raises TooManyUses above ``limit``; these uses are then not counted.
    """
    now = timezone.now()
    step = window.total_seconds() / SLOTS
    slot = int(now.timestamp() // step)
    key = key_of(use, f"{account}:{window.total_seconds():.0f}")
    oldest = slot - SLOTS
    total = Usage.objects.add(
        key=key,
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
    """Count a search, log a surge, or raise TooManyUses."""
    count = count_use(
        Use.SEARCH,
        account=account.pk,
        window=SEARCH_WINDOW,
        limit=settings.SEARCH_LIMIT or None,
        # Otherwise each page of results waits for the disk, and the feed's events for
        # it.
        lasts=False,
    )
    if count >= SEARCHES_TOLD and is_new_burst(
        Use.SEARCH, account=account.pk, quiet=SEARCH_WINDOW
    ):
        journal.record(
            Action.SEARCH_SURGE, by=account, details={"searches": count, "minutes": 10}
        )


def wait_for(
    key: str, amount: int, limit: int, oldest: int, step: float
) -> dt.timedelta:
    """Return the time until ``amount`` more uses are possible."""
    usage = Usage.objects.filter(pk=key).first()
    counts = {int(slot): uses for slot, uses in usage.counts.items()} if usage else {}
    counts = {slot: uses for slot, uses in counts.items() if slot >= oldest}
    excess = sum(counts.values()) + amount - limit
    for slot in sorted(counts):
        excess -= counts[slot]
        if excess <= 0:
            opens_at = (slot + SLOTS + 1) * step
            return dt.timedelta(seconds=opens_at - timezone.now().timestamp())
    return dt.timedelta(seconds=(SLOTS + 1) * step)  # More than the limit at once.


@transaction.atomic
def is_new_burst(what: str, *, account: object, quiet: dt.timedelta) -> bool:
    """Return whether a burst begins; each call prolongs it."""
    now = timezone.now()
    throttle = locked(key_of(what, str(account)), now)
    is_new = not throttle.tries or now - throttle.tries[-1] >= quiet
    throttle.tries = [now]
    throttle.save(update_fields=["tries"])
    return is_new


def of_account(tries: Tries, now: dt.datetime) -> tuple[dt.datetime | None, Tries]:
    """Return when a try may come, and the failures kept.

    Failures in a row, from any address.
    """
    if len(tries) >= LOCK_AFTER:
        return tries[-1] + LOCK_LASTS, []  # After that hour, counting restarts.
    kept = [at for at in tries if now - at < FORGOTTEN_AFTER]
    if len(tries) < FREE_TRIES:
        return None, kept
    return tries[-1] + DELAYS[len(tries) - FREE_TRIES], kept


def of_address(tries: Tries, now: dt.datetime) -> tuple[dt.datetime | None, Tries]:
    """Return as ``of_account``: failures of ten minutes, for any account."""
    kept = [at for at in tries if now - at < ADDRESS_WINDOW]
    return tries[-1] + ADDRESS_WINDOW if len(tries) >= ADDRESS_TRIES else None, kept


@transaction.atomic
def count(key: str, now: dt.datetime, rule: Rule) -> int:
    """Return the tries with this one; raise TooManyTries if it must wait."""
    throttle = locked(key, now)
    open_at, kept = rule(throttle.tries, now)
    if open_at and open_at > now:
        raise TooManyTries(open_at - now)
    throttle.tries = [*kept, now]
    throttle.save(update_fields=["tries"])
    return len(throttle.tries)


def locked(key: str, now: dt.datetime) -> Throttle:
    """Get or create a counter, locked until commit."""
    Throttle.objects.bulk_create(
        [Throttle(key=key, expires_at=now + FORGOTTEN_AFTER)],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["expires_at"],
    )
    purge(now)
    return Throttle.objects.get(key=key)


def purge(now: dt.datetime) -> None:
    """Delete some expired counters, skipping locked ones."""
    expired = Throttle.objects.filter(expires_at__lt=now)
    keys = expired.select_for_update(skip_locked=True).values_list("key", flat=True)
    if found := list(keys[:PURGED_AT_ONCE]):
        Throttle.objects.filter(key__in=found).delete()


@shared_task
@jobs.exclusive("tidy-counters", every=dt.timedelta(hours=1))
def tidy_counters() -> None:
    now = timezone.now()
    Throttle.objects.filter(expires_at__lt=now).delete()
    Usage.objects.filter(expires_at__lt=now).delete()


@transaction.atomic
def take_back(key: str, at: dt.datetime) -> None:
    throttle = Throttle.objects.select_for_update().filter(key=key).first()
    if throttle and at in throttle.tries:
        throttle.tries.remove(at)
        throttle.save(update_fields=["tries"])


def key_of(kind: str, subject: str) -> str:
    """Return the kind in clear and the subject's HMAC."""
    mac = salted_hmac("accounts.limits", f"{kind}:{subject}", algorithm="sha256")
    return f"{kind}:{mac.hexdigest()[:48]}"


def normalise(identifier: str) -> str:
    """Normalise an identifier or address: one counter, however typed."""
    written = unicodedata.normalize("NFKC", identifier)
    return written.strip().casefold() if "@" in written else compact(written)


def network_of(address: str | None) -> str:
    """Return the address; in IPv6 its /64, one subscriber's."""
    return user_agents.network_of(address, 32, 64)


def in_words(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} secondes" if seconds > 1 else "1 seconde"
    minutes = math.ceil(seconds / 60)
    if minutes >= 120:
        return f"{math.ceil(minutes / 60)} heures"
    return f"{minutes} minutes" if minutes > 1 else "1 minute"


TOKEN = "csrfmiddlewaretoken"  # noqa: S105
# How long the second request of a double click waits for the first's redirect.
WAIT = 5.0
POLL = 0.1
# After this time the first request died with its process: the form may act again.
GIVEN_UP_AFTER = dt.timedelta(seconds=60)
LONGEST = 2_000


class RepeatMiddleware:
    """Answer a repeated form with its first redirect."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.attempt = None
        response = self.get_response(request)
        if request.attempt:
            request.attempt.settle(answer_of(response))
        return response

    def process_view(
        self, request: Any, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.method != "POST" or not request.user.is_authenticated:
            return None
        # A view without a token may read the body itself.
        if getattr(view, "csrf_exempt", False) or not request.user.is_verified():
            return None
        if TOKEN not in request.POST:
            return None
        attempt = Attempt(request)
        if attempt.begins():
            request.attempt = attempt
            return None
        if location := attempt.wait():
            return HttpResponseRedirect(location)
        if location is None:
            return None  # The session's row is gone: the gates have refused it.
        reason = (
            "Votre premier envoi n’a pas encore de réponse. Attendez un instant, puis "
            "rechargez la page : rien ne sera fait deux fois."
        )
        return render(request, "409.html", {"reason": reason}, status=409)


def answer_of(response: HttpResponse) -> str:
    """Return the redirect of a form that acted, else ""."""
    if response.status_code in (301, 302, 303):
        return response["Location"]
    return response.headers.get("HX-Redirect", "")


class Attempt:
    """A sent form, compared with its session's last one."""

    def __init__(self, request: Any) -> None:
        self.rows: OpenSessionQuerySet = sessions.row_of(request.session)
        self.digest = digest_of(request)
        self.before: dict[str, Any] = {}

    def begins(self) -> bool:
        """Store it as the last form; False if already so."""
        now = timezone.now()
        kept = self.rows.values("last_form", "last_answer", "last_form_at").first()
        if kept is None:
            return True  # No session to store it: only in tests.
        self.before = dict(kept)
        is_other = ~Q(last_form=self.digest)
        is_lost = Q(last_answer="", last_form_at__lt=now - GIVEN_UP_AFTER)
        taken = self.rows.filter(is_other | is_lost)
        return bool(
            taken.update(last_form=self.digest, last_answer="", last_form_at=now)
        )

    def settle(self, location: str) -> None:
        """Store the redirect; without one, restore the previous form."""
        changes = {"last_answer": location} if location else self.before
        if changes and len(location) <= LONGEST:
            self.rows.filter(last_form=self.digest).update(**changes)

    def wait(self) -> str | None:
        """Return the first redirect: "" is not yet, None never."""
        until = time.monotonic() + WAIT
        location: str | None = ""
        while location == "" and time.monotonic() < until:
            mine = self.rows.filter(last_form=self.digest)
            location = mine.values_list("last_answer", flat=True).first()
            if location == "":
                time.sleep(POLL)
        return location


def digest_of(request: HttpRequest) -> str:
    sent = {
        "path": request.get_full_path(),
        "typed": sorted(request.POST.lists()),
        "files": [
            (name, file.name, file.size)
            for name, files in request.FILES.lists()
            for file in files
        ],
    }
    return hashlib.sha256(json.dumps(sent).encode()).hexdigest()
