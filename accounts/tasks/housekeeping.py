"""Housekeeping: what is past use goes away by itself."""

import datetime as dt

from celery import shared_task
from django.utils import timezone

from accounts.models import OpenSession, SessionEnd, Throttle, Usage
from accounts.session_store import SessionStore
from opus.lib import jobs

HOURLY = dt.timedelta(hours=1)


@shared_task
@jobs.alone("tidy-sessions", every=HOURLY)
def tidy_sessions() -> None:
    """End the sessions that time has ended, and forget the old ones (S13, S15).

    No access waits for it: a session's end is a predicate. It keeps the tables small.
    """
    OpenSession.objects.lapsed().end(SessionEnd.LAPSED)
    OpenSession.objects.at_term().delete()
    SessionStore.clear_expired()


@shared_task
@jobs.alone("tidy-counters", every=HOURLY)
def tidy_counters() -> None:
    """Drop the counters of the limiter that nobody asks about any more."""
    now = timezone.now()
    Throttle.objects.filter(expires_at__lt=now).delete()
    Usage.objects.filter(expires_at__lt=now).delete()
