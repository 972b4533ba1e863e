import datetime as dt
import logging

from celery import shared_task

from opus.lib.jobs import runner
from opus.operations.invariants import rules

logger = logging.getLogger(__name__)


# A million offers take some ten seconds; the limit is that of the broker (R7).
@shared_task(soft_time_limit=80, time_limit=85)
@runner.alone("check-invariants", every=dt.timedelta(days=1))
def check_invariants() -> None:
    for name, number in rules.check().items():
        logger.error("Invariant %s: %d rows break it.", name, number)
