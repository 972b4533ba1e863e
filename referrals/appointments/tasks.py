import datetime as dt

from celery import shared_task

from opus.lib import jobs
from referrals import (
    agenda,
)


@shared_task
@jobs.alone("watch-appointments", every=dt.timedelta(minutes=15))
def watch_appointments() -> None:
    """Close past appointments; send reminders (5.5)."""
    agenda.close_past()
    agenda.remind_advisers()
    agenda.chase_advisers()
