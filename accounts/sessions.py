"""The clock of a session: when it began, was last used, was last confirmed (S13, S17).

All three are instants kept in the session itself, which stands in PostgreSQL.
"""

import datetime as dt

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

from accounts.models import User

BEGAN = "began"
SEEN = "seen"
CONFIRMED = "confirmed"
# The last use is written at most once a minute: one write less per page.
WRITTEN_EVERY = dt.timedelta(minutes=1)


def begin(session: SessionBase) -> None:
    """Start the clock: both factors were just given, or the password alone."""
    session[BEGAN] = session[SEEN] = now()


def confirm(session: SessionBase) -> None:
    """The second factor was just given: sensitive acts are open for a while."""
    session[CONFIRMED] = now()


def is_confirmed(session: SessionBase) -> bool:
    """Whether the second factor was given lately enough (S17)."""
    confirmed = session.get(CONFIRMED)
    return confirmed is not None and age(confirmed) <= settings.STEP_UP_LASTS


def touch(session: SessionBase) -> None:
    """Remember that the session is in use."""
    if BEGAN not in session:
        begin(session)
    elif age(session[SEEN]) >= WRITTEN_EVERY:
        session[SEEN] = now()


def why_over(session: SessionBase, user: User) -> str:
    """Why the session has ended, as a sentence, or nothing while it lives.

    Staff of France Travail have shorter limits; somebody who gave the password alone
    has half an hour to give, or to enrol, the second factor.
    """
    if BEGAN not in session:
        return ""
    idle, whole = limits_of(user)
    if age(session[SEEN]) > idle:
        minutes = int(idle.total_seconds() // 60)
        return f"Votre session s’est fermée après {minutes} minutes sans activité."
    if age(session[BEGAN]) > whole:
        return "Votre session s’est fermée : elle avait atteint sa durée maximale."
    return ""


def limits_of(user: User) -> tuple[dt.timedelta, dt.timedelta]:
    """Idle and absolute limits for that person (S13)."""
    if not user.is_verified():
        return settings.SESSION_UNVERIFIED, settings.SESSION_UNVERIFIED
    if user.is_staff:
        return settings.SESSION_IDLE_STAFF, settings.SESSION_ABSOLUTE_STAFF
    return settings.SESSION_IDLE, settings.SESSION_ABSOLUTE


def now() -> float:
    return timezone.now().timestamp()


def age(instant: float) -> dt.timedelta:
    return dt.timedelta(seconds=now() - instant)
