import datetime as dt

from celery import shared_task

from opus.lib import jobs
from opus.operations import late_jobs


@shared_task
@jobs.alone("watch-jobs", every=dt.timedelta(minutes=5))
def watch_jobs() -> None:
    late_jobs.report()
