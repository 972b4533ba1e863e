import datetime as dt

from celery import shared_task

from opus.lib import jobs
from referrals import (
    cv_deadlines,
)


@shared_task
@jobs.alone("watch-cvs", every=dt.timedelta(hours=1))
def watch_cvs() -> None:
    """Remind of overdue CVs, close, purge (5.4)."""
    cv_deadlines.remind_overdue()
    cv_deadlines.close_without_cv()
    cv_deadlines.purge_cvs()
