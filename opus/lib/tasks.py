import datetime as dt
import logging

from celery import shared_task
from django.db import connection

from opus.lib import jobs, retention
from opus.lib.models import TextGuardCount
from opus.lib.text_guard import rescan

logger = logging.getLogger(__name__)

PURGED_AT_ONCE = 10_000


@shared_task
@jobs.alone("open-audit-months", every=dt.timedelta(hours=1))
def open_audit_months() -> None:
    """Create the partitions of this month and the next thirteen."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT opus_open_audit_months(now(), 13)")


@shared_task
@jobs.alone("purge-journal", every=dt.timedelta(hours=1))
def purge_journal() -> None:
    """Purge the journal after twelve months, in batches (S40)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT opus_drop_audit_months()")
        removed = PURGED_AT_ONCE
        while removed == PURGED_AT_ONCE:
            cursor.execute("SELECT opus_purge_audit_lines(%s)", [PURGED_AT_ONCE])
            (removed,) = cursor.fetchone()


@shared_task
@jobs.alone("rescan-texts", every=dt.timedelta(hours=1))
def rescan_texts() -> None:
    rescan.recheck()
    if rescan.is_due():
        rescan.rescan()


@shared_task
@jobs.alone("purge-refusals", every=dt.timedelta(hours=1))
def purge_refusals() -> None:
    """Delete counts of refused texts after twelve months (V4)."""
    TextGuardCount.objects.past().delete()


@shared_task
@jobs.alone(retention.JOB, every=dt.timedelta(days=1))
def purge_personal_data() -> None:
    """Purge the personal data at term, class by class (V9, V10).

    Raises PurgeFailed after the rest is purged; R25 then alerts staff.
    """
    if number := retention.run().failures:
        raise retention.PurgeFailed(f"{number} rows could not go.")
