import datetime as dt

from celery import shared_task
from django.utils import timezone

from accounts.signin.models import (
    OpenSession,
    ProvedNetwork,
    SessionEnd,
    Throttle,
    Usage,
)
from accounts.signin.sessions import SessionStore
from opus.lib import jobs

HOURLY = dt.timedelta(hours=1)


@shared_task
@jobs.exclusive("tidy-sessions", every=HOURLY)
def tidy_sessions() -> None:
    """Purge the tables; no expiry waits for it (S13)."""
    OpenSession.objects.lapsed().end(SessionEnd.LAPSED)
    OpenSession.objects.at_term().delete()
    ProvedNetwork.objects.at_term().delete()
    SessionStore.clear_expired()


@shared_task
@jobs.exclusive("tidy-counters", every=HOURLY)
def tidy_counters() -> None:
    now = timezone.now()
    Throttle.objects.filter(expires_at__lt=now).delete()
    Usage.objects.filter(expires_at__lt=now).delete()
