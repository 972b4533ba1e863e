import datetime as dt
import logging

from celery import shared_task

from opus.lib import jobs
from opus.operations.invariants import rules

logger = logging.getLogger(__name__)


# About forty seconds for a million offers; the limit is the broker's (R7).
@shared_task(soft_time_limit=80, time_limit=85)
@jobs.exclusive("check-invariants", every=dt.timedelta(days=1))
def check_invariants() -> None:
    for name, number in rules.check().items():
        logger.error("Invariant %s: %d rows break it.", name, number)
