import datetime as dt

from celery import shared_task

from opus.lib import jobs
from referrals.caseloads import transfers


@shared_task
@jobs.exclusive("apply-transfers", every=dt.timedelta(minutes=5))
def apply_transfers() -> None:
    transfers.confide_again()
    transfers.apply_due()
