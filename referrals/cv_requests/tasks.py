import datetime as dt

from celery import shared_task

from opus.lib import jobs
from referrals.cv_requests.jobs import close_without_cv, purge_cvs, remind_overdue


@shared_task
@jobs.exclusive("check-cvs", every=dt.timedelta(hours=1))
def check_cvs() -> None:
    """Remind of overdue CVs, close, purge (5.4)."""
    remind_overdue()
    close_without_cv()
    purge_cvs()
