"""Sessions: their store, clock, devices and network (S13 to S17, S39).

The store keeps them in PostgreSQL under a keyed hash of the cookie: a reader of the
table, or of a copy, cannot use one, and Opus ends one by its hash. Opus is served by
threads: the store's asynchronous methods are not adapted.

A network where the account proved no factor within 90 days gives it again before a
page that names a person: ``AccessMiddleware`` asks. If network and browser change
together, it is another machine; a session that alternates has two users."""

import dataclasses
import datetime as dt
import re
import secrets
from typing import Any

from celery import shared_task
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.nominations.enums import NominationState
from accounts.nominations.models import Nomination
from accounts.signin import emails, user_agents
from accounts.signin.models import (
    OpenSession,
    OpenSessionQuerySet,
    ProvedNetwork,
    SecurityEventKind,
    SessionEnd,
    limits_of,
)
from accounts.users import account_texts
from accounts.users.enums import UserState
from accounts.users.models import User
from opus.lib import jobs
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.database.queries import planned_rows

# Art. 5.1: an account is one person's. Two, for a desk and a meeting room.
SESSIONS_AT_ONCE = 2
# This many failures before a sign-in cause an e-mail (S11).
FAILURES_TOLD = 5

DEVICE_COOKIE = "__Host-opus-appareil"
DEVICE_SALT = "accounts.device"
# Browsers do not keep cookies longer.
DEVICE_LASTS = dt.timedelta(days=400)

# What cuts the other sessions of an account, and is told as the reason.
CHANGES_OF_ACCESS = (
    SecurityEventKind.PASSWORD,
    SecurityEventKind.FACTOR_ADDED,
    SecurityEventKind.FACTOR_REMOVED,
    SecurityEventKind.FACTORS_RESET,
    SecurityEventKind.BACKUP_CODES,
)


@transaction.atomic
def register(request: HttpRequest, account: User) -> OpenSession:
    """Register a session that both factors just opened (S15, S16).

    It replaces the same device's session; beyond two, the oldest ends, and the journal
    records a sign of sharing. A new device, or many failures before, send an e-mail
    (S11).
    """
    account = lock(account)
    device = name_device(request, account)
    earlier = account.open_sessions.all()
    is_new = not earlier.filter(device=device).exists()
    is_first = account.last_login is None and not earlier.exists()
    live = earlier.live_of(account)
    live.filter(device=device).end(SessionEnd.REPLACED)
    others = list(live.order_by("began_at").values_list("pk", flat=True))
    if excess := others[: len(others) + 1 - SESSIONS_AT_ONCE]:
        earlier.filter(pk__in=excess).end(SessionEnd.CAPPED)
        details = {"sessions": len(others) + 1}
        journal.record(
            Action.SESSION_CAPPED, by=account, target=account, details=details
        )
    row = OpenSession.objects.create(
        account=account,
        key_hash=digest(request.session.session_key or ""),
        stamp=account.get_session_auth_hash(),
        device=device,
        browser=user_agents.in_words(request.headers.get("user-agent", "")),
        network=user_agents.network_of(journal.client_address(request)),
        began_at=timezone.now(),
        seen_at=timezone.now(),
    )
    failures = failures_before(account)
    if (is_new and not is_first) or failures >= FAILURES_TOLD:
        emails.sign_in_noticed.post(
            key=f"session:{row.pk}",
            session=str(row.pk),
            is_new=int(is_new and not is_first),
            failures=failures,
        )
    return row


def lock(account: User) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=account.pk)


def failures_before(account: User) -> int:
    """Count refusals in the journal since the last sign-in."""
    refusals = AuditEntry.objects.filter(
        action=Action.SIGN_IN_REFUSED,
        target_type=account._meta.label_lower,
        target_id=str(account.pk),
    )
    if account.last_login:
        refusals = refusals.filter(at__gt=account.last_login)
    return refusals.count()


@transaction.atomic
def close(account: User, rows: QuerySet[OpenSession]) -> int:
    """Close some of one's own sessions (S15); return how many."""
    count = OpenSession.objects.filter(account=account, pk__in=rows.values("pk")).end(
        SessionEnd.CLOSED
    )
    if count:
        details = {"sessions": count}
        journal.record(
            Action.SESSION_CLOSED, by=account, target=account, details=details
        )
    return count


@transaction.atomic
def close_all(account: User, *, by: User | None) -> None:
    """Close all sessions, half-open ones too (S15); without ``by``: by a link."""
    account = lock(account)
    account.session_salt += 1
    account.save(update_fields=["session_salt"])
    how = SessionEnd.BY_STAFF if by else SessionEnd.CUT
    count = account.open_sessions.end(how)
    journal.record(
        Action.SESSION_CLOSED, by=by, target=account, details={"sessions": count}
    )


@transaction.atomic
def keep_only_this(request: HttpRequest, account: User) -> None:
    """End all other sessions after a change of access (S14).

    Call it after saving the account. For a factor, change ``session_salt`` too: it ends
    the sessions with the password alone.
    """
    session = request.session
    here = digest(session.session_key or "")
    account.open_sessions.exclude(key_hash=here).end(SessionEnd.CUT)
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    account.open_sessions.filter(key_hash=here).update(stamp=session[HASH_SESSION_KEY])
    session.cycle_key()


def why_ended(request: HttpRequest) -> str:
    """Return why a cookie no longer works; often ""."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not key or request.session.session_key:
        return ""
    rows = OpenSession.objects.filter(key_hash=digest(key)).select_related("account")
    row = rows.first()
    if row is None:
        return ""
    if row.ended_at is None:
        # No end was recorded: the account changed, or Django's row expired.
        _, whole = limits_of(row.account)
        has_lapsed = timezone.now() - row.began_at > whole
        row.how = SessionEnd.LAPSED if has_lapsed else SessionEnd.CUT
        rows.end(SessionEnd(row.how))
    if row.how == SessionEnd.CUT:
        return why_cut(row)
    return reason_of(row.account, row.how)


def why_cut(row: OpenSession) -> str:
    """Name the last change that ended this session."""
    account, since = row.account, row.began_at
    changes = account.security_events.filter(kind__in=CHANGES_OF_ACCESS, at__gte=since)
    suspensions = account.steps.filter(target=UserState.SUSPENDED, at__gte=since)
    # An office that goes on in the next convention changes nothing (art. 13).
    offices = Nomination.objects.filter(
        person=account,
        steps__origin=NominationState.ACCEPTED,
        steps__target=NominationState.IN_OFFICE,
        steps__at__gte=since,
    )
    causes = [
        *changes.values_list("at", "kind"),
        *suspensions.values_list("at", "target"),
        *offices.values_list("steps__at", "steps__target"),
    ]
    _, cause = max(causes, default=(None, ""))
    return reason_of(account, SessionEnd.CUT, cause=cause)


def reason_of(account: User, how: str, cause: str = "") -> str:
    helper = account_texts.helper_of(account)
    context = {
        "account": account,
        "how": how,
        "cause": cause,
        "helper": helper,
        "to_helper": account_texts.to(helper),
    }
    return render_to_string("accounts/signin/session_ended.html", context).strip()


# --- The device -----------------------------------------------------------------------


def name_device(request: Any, account: User) -> str:
    """Return the HMAC of the browser's random name, per account."""
    name = request.get_signed_cookie(
        DEVICE_COOKIE, None, salt=DEVICE_SALT, max_age=DEVICE_LASTS
    )
    request.device_name = name or secrets.token_urlsafe(16)
    return salted_hmac(
        DEVICE_SALT, f"{account.pk}:{request.device_name}", algorithm="sha256"
    ).hexdigest()


def remember_device(request: HttpRequest, response: HttpResponse) -> None:
    """Set the device cookie after a sign-in."""
    if name := getattr(request, "device_name", None):
        response.set_signed_cookie(
            DEVICE_COOKIE,
            name,
            salt=DEVICE_SALT,
            max_age=DEVICE_LASTS,
            secure=True,
            httponly=True,
            samesite="Lax",
        )


BEGAN = "began"
SEEN = "seen"
CONFIRMED = "confirmed"
# The last use is written at most once a minute: one write less per page.
WRITTEN_EVERY = dt.timedelta(minutes=1)
# The page warns this long before the session ends (A7).
WARNED_BEFORE = dt.timedelta(minutes=2)


def begin(session: SessionBase) -> None:
    session[BEGAN] = session[SEEN] = now()


def confirm(session: SessionBase) -> None:
    session[CONFIRMED] = now()


def is_confirmed(session: SessionBase) -> bool:
    """Return whether the second factor is recent enough (S17)."""
    confirmed = session.get(CONFIRMED)
    return confirmed is not None and age(confirmed) <= settings.STEP_UP_LASTS


def touch(session: SessionBase, *, at_once: bool = False) -> None:
    if BEGAN not in session:
        begin(session)
    elif at_once or age(session[SEEN]) >= WRITTEN_EVERY:
        session[SEEN] = now()
        # The stamp too: a session that changed its own factor stays open.
        row_of(session).update(
            seen_at=timezone.now(), stamp=session.get(HASH_SESSION_KEY, "")
        )


def row_of(session: SessionBase) -> OpenSessionQuerySet:
    return OpenSession.objects.unended().filter(
        key_hash=digest(session.session_key or "")
    )


def why_over(session: SessionBase, user: User) -> str:
    """Return why the session has ended, or ""."""
    if BEGAN not in session:
        return ""
    idle, whole = limits_of_session(user)
    if age(session[SEEN]) > idle:
        minutes = int(idle.total_seconds() // 60)
        return f"Votre session s’est fermée après {minutes} minutes sans activité."
    if age(session[BEGAN]) > whole:
        return "Votre session s’est fermée : elle avait atteint sa durée maximale."
    return ""


@dataclasses.dataclass(frozen=True)
class Left:
    """Seconds left until the limits (A7)."""

    idle: int
    whole: int

    @property
    def warns_in(self) -> int:
        """Return the seconds until the page warns; 0 is now."""
        return max(0, min(self.idle, self.whole) - int(WARNED_BEFORE.total_seconds()))


def left(session: SessionBase, user: User) -> Left:
    idle, whole = limits_of_session(user)
    began, seen = session.get(BEGAN, now()), session.get(SEEN, now())
    return Left(
        idle=max(0, int((idle - age(seen)).total_seconds())),
        whole=max(0, int((whole - age(began)).total_seconds())),
    )


def limits_of_session(user: User) -> tuple[dt.timedelta, dt.timedelta]:
    if not user.is_verified():
        return settings.SESSION_UNVERIFIED, settings.SESSION_UNVERIFIED
    return limits_of(user)


def now() -> float:
    return timezone.now().timestamp()


def age(instant: float) -> dt.timedelta:
    return dt.timedelta(seconds=now() - instant)


# Of the last proof, and of the last request: what moves is told once.
ORIGIN, LAST = "origin", "place"
VERSIONS = re.compile(r"[0-9._]+")


def prove(request: Any, account: User) -> None:
    """Make a habit of the network of a proved factor."""
    request.session[ORIGIN] = request.session[LAST] = marks_of(request)
    ProvedNetwork.objects.update_or_create(
        account=account,
        network=network_of_request(request),
        defaults={"proved_at": timezone.now()},
    )
    request.user.is_elsewhere = False


def compare(request: Any) -> None:
    """Mark a session elsewhere; log a change of place once.

    The session's previous entry has the former place.
    """
    user = request.user
    if not (user.is_authenticated and user.is_verified()):
        return
    user.is_elsewhere = network_of_request(request) not in user.habits
    here = marks_of(request)
    origin = request.session.get(ORIGIN, here)
    last = request.session.get(LAST, origin)
    if last == here:
        return
    request.session[LAST] = here
    before = last if here == origin else origin
    names = ("network", "agent")
    changed = [
        name for name, then, now in zip(names, before, here, strict=True) if then != now
    ]
    details = {"only": changed[0]} if len(changed) == 1 else {}
    journal.record(journal.Action.SESSION_MOVED, by=user, target=user, details=details)


def network_of_request(request: Any) -> str:
    """Return as PostgreSQL's ``opus_network(ip, 16, 32)``."""
    return user_agents.network_of(journal.client_address(request), 16, 32)


def marks_of(request: Any) -> list[str]:
    agent = request.headers.get("User-Agent", "")
    return [mark(network_of_request(request)), mark(VERSIONS.sub("", agent))]


def mark(text: str) -> str:
    return salted_hmac("accounts.origins", text, algorithm="sha256").hexdigest()[:16]


# As long as the column of Django's table: 160 bits.
LENGTH = 40


def digest(key: str) -> str:
    """Return the hash stored for a session key."""
    return salted_hmac("accounts.session", key, algorithm="sha256").hexdigest()[:LENGTH]


class SessionStore(DatabaseStore):
    """Django's store, without any key in clear."""

    def load(self) -> dict[str, Any]:
        rows = planned_rows(
            "SELECT session_data FROM django_session"
            " WHERE session_key = %s AND expire_date > %s",
            [digest(self.session_key or ""), timezone.now()],
        )
        if rows:
            data: dict[str, Any] = self.decode(rows[0][0])
            return data
        self.flush()  # Never use a key that somebody else chose.
        return {}

    def exists(self, session_key: str) -> bool:
        return super().exists(digest(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row = super().create_model_instance(data)
        row.session_key = digest(row.session_key)
        return row

    def cycle_key(self) -> None:
        """Change the id (S13); the session's row follows."""
        row = OpenSession.objects.filter(key_hash=digest(self.session_key or ""))
        super().cycle_key()
        row.update(key_hash=digest(self.session_key or ""))

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            super().delete(digest(key))


@shared_task
@jobs.exclusive("tidy-sessions", every=dt.timedelta(hours=1))
def tidy_sessions() -> None:
    """Purge the tables; no expiry waits for it (S13)."""
    OpenSession.objects.lapsed().end(SessionEnd.LAPSED)
    OpenSession.objects.at_term().delete()
    ProvedNetwork.objects.at_term().delete()
    SessionStore.clear_expired()
