"""Scheduled ends of offices and reminders of vacancies (art. 4.3)."""

import datetime as dt

from celery import shared_task

from accounts.nominations import jobs as nomination_jobs
from opus.lib import jobs


@shared_task
@jobs.exclusive("check-rgc", every=dt.timedelta(hours=1))
def warn_of_overdue_letters() -> None:
    """End announced offices; warn once after eight days (4.3)."""
    nomination_jobs.end_announced()
    nomination_jobs.warn_once()
