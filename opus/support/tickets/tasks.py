import datetime as dt

from celery import shared_task

from opus.lib.jobs import runner
from opus.support.tickets import jobs


@shared_task
@runner.alone("close-tickets", every=dt.timedelta(hours=1))
def close_tickets() -> None:
    """Close what was answered more than fifteen days ago."""
    jobs.close_answered()
