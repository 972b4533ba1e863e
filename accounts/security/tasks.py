"""Scheduled detection, digests, purge of alerts (S39, S40, R25)."""

import datetime as dt

from celery import shared_task
from django.utils import timezone

from accounts.security import detection, emails
from accounts.security.models import Alert
from opus.lib import jobs
from opus.lib.privacy import retention

WATCH_EVERY = dt.timedelta(seconds=20)


@shared_task(expires=WATCH_EVERY.total_seconds())
@jobs.exclusive("check-journal", every=WATCH_EVERY)
def check_journal() -> None:
    detection.watch()


@shared_task
@jobs.exclusive("digest-of-alerts", every=dt.timedelta(days=1))
def send_digests() -> None:
    emails.send_digests(timezone.localdate())


@shared_task
@jobs.exclusive("purge-alerts", every=dt.timedelta(hours=1))
def purge_alerts() -> None:
    forget_alerts()


def forget_alerts() -> retention.Counts:
    """Delete alerts of twelve months, except legal holds (S40, V11)."""
    free = retention.free(accounts="account")
    return retention.deleted(Alert.objects.at_term().filter(free))
