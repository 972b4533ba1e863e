import datetime as dt

from celery import shared_task

from opus.desk import deadlines
from opus.lib import jobs


@shared_task
@jobs.alone("close-tickets", every=dt.timedelta(hours=1))
def close_tickets() -> None:
    """Close what was answered more than fifteen days ago."""
    deadlines.close_answered()
