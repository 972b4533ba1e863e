"""Scheduled states and e-mails of conventions (R12, R25)."""

import datetime as dt

from celery import shared_task

from accounts.agreements import jobs as deadlines
from opus.lib import jobs


@shared_task
@jobs.exclusive("check-conventions", every=dt.timedelta(minutes=30))
def check_conventions() -> None:
    deadlines.tidy()
    deadlines.drop_past_proposals()
    deadlines.notify_ends()
    deadlines.notify_renewals()
    deadlines.notify_excesses()
