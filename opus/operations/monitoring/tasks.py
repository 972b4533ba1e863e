import datetime as dt

from celery import shared_task

from opus.lib import jobs
from opus.operations.monitoring import late_jobs


@shared_task
@jobs.exclusive("check-jobs", every=dt.timedelta(minutes=5))
def check_jobs() -> None:
    late_jobs.report()
