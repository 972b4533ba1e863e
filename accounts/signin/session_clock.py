"""Session clock: start, last use, last confirmation (S13, S17).

The session stores these instants, in PostgreSQL; the registry of sessions has the rest.
"""

import dataclasses
import datetime as dt

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

from accounts.signin.models import sessions as models
from accounts.signin.models.sessions import OpenSession, OpenSessionQuerySet
from accounts.signin.session_store import digest
from accounts.users.models.users import User

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
    idle, whole = limits_of(user)
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
    idle, whole = limits_of(user)
    began, seen = session.get(BEGAN, now()), session.get(SEEN, now())
    return Left(
        idle=max(0, int((idle - age(seen)).total_seconds())),
        whole=max(0, int((whole - age(began)).total_seconds())),
    )


def limits_of(user: User) -> tuple[dt.timedelta, dt.timedelta]:
    if not user.is_verified():
        return settings.SESSION_UNVERIFIED, settings.SESSION_UNVERIFIED
    return models.limits_of(user)


def now() -> float:
    return timezone.now().timestamp()


def age(instant: float) -> dt.timedelta:
    return dt.timedelta(seconds=now() - instant)
