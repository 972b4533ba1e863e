import datetime as dt
import logging

from celery import shared_task

from opus.lib import jobs
from opus.operations import invariants
from opus.operations.emails import report_late_jobs

logger = logging.getLogger(__name__)


# About forty seconds for a million offers; the limit is the broker's (R7).
@shared_task(soft_time_limit=80, time_limit=85)
@jobs.exclusive("check-invariants", every=dt.timedelta(days=1))
def check_invariants() -> None:
    for name, number in invariants.check().items():
        logger.error("Invariant %s: %d rows break it.", name, number)


@shared_task
@jobs.exclusive("check-jobs", every=dt.timedelta(minutes=5))
def check_jobs() -> None:
    report_late_jobs()
