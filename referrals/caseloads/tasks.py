import datetime as dt

from celery import shared_task

from opus.lib.jobs import runner
from referrals.caseloads import transfers


@shared_task
@runner.alone("apply-transfers", every=dt.timedelta(minutes=5))
def apply_transfers() -> None:
    transfers.confide_again()
    transfers.apply_due()
