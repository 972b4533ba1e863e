import datetime as dt

from celery import shared_task
from django.db import connection

from opus.lib import background_files, jobs
from opus.lib.outbound import outbox
from opus.lib.privacy import retention as privacy_tasks
from opus.lib.text_guard import tasks as text_guard_tasks

PURGED_AT_ONCE = 10_000


@shared_task
@jobs.exclusive("open-audit-months", every=dt.timedelta(hours=1))
def open_audit_months() -> None:
    """Create the partitions of this month and the next thirteen."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT opus_open_audit_months(now(), 13)")


@shared_task
@jobs.exclusive("purge-journal", every=dt.timedelta(hours=1))
def purge_journal() -> None:
    """Purge the journal after twelve months, in batches (S40)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT opus_drop_audit_months()")
        removed = PURGED_AT_ONCE
        while removed == PURGED_AT_ONCE:
            cursor.execute("SELECT opus_purge_audit_lines(%s)", [PURGED_AT_ONCE])
            (removed,) = cursor.fetchone()
