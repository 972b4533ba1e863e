import datetime as dt

from celery import shared_task

from opus.lib import jobs
from referrals.appointments.jobs import chase_advisers, close_past, remind_advisers


@shared_task
@jobs.exclusive("check-appointments", every=dt.timedelta(minutes=15))
def check_appointments() -> None:
    """Close past appointments; send reminders (5.5)."""
    close_past()
    remind_advisers()
    chase_advisers()
