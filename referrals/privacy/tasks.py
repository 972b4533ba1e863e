import datetime as dt

from celery import shared_task

from opus.lib import jobs
from referrals.privacy import retention


@shared_task
@jobs.exclusive("forget-habits", every=dt.timedelta(hours=1))
def forget_habits() -> None:
    """Delete old favourites, and searches of closed accounts (U6)."""
    retention.forget_habits()
