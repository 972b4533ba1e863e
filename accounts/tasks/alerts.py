"""What the clock brings to alerts: detection, the morning's digest, the end (S39, S40).

Each may run twice, late or not at all: the cursor, the keys and the dates say what is
done (R25).
"""

import datetime as dt

from celery import shared_task
from django.utils import timezone

from accounts import detection, retention
from accounts.emails import alerts as emails
from opus.lib import jobs

WATCH_EVERY = dt.timedelta(seconds=20)


@shared_task(expires=WATCH_EVERY.total_seconds())
@jobs.alone("watch-journal", every=WATCH_EVERY)
def watch_journal() -> None:
    """One pass of detection over what the journal got since the last one."""
    detection.watch()


@shared_task
@jobs.alone("digest-of-alerts", every=dt.timedelta(days=1))
def send_digests() -> None:
    """Have the morning's digests leave; a second time that day changes nothing."""
    emails.send_digests(timezone.localdate())


@shared_task
@jobs.alone("purge-alerts", every=dt.timedelta(hours=1))
def purge_alerts() -> None:
    """An alert goes with the lines of the journal that it told of: twelve months."""
    retention.forget_alerts()
