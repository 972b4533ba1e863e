import datetime as dt

from celery import shared_task

from opus.lib.jobs import runner
from referrals.appointments.jobs import chase_advisers, close_past, remind_advisers


@shared_task
@runner.alone("check-appointments", every=dt.timedelta(minutes=15))
def check_appointments() -> None:
    """Close past appointments; send reminders (5.5)."""
    close_past()
    remind_advisers()
    chase_advisers()
