"""Refused sentences that nobody gave an opinion about in time."""

import datetime as dt

from celery import shared_task

from opus.desk import deadlines
from opus.lib import jobs


@shared_task(expires=60)
@jobs.alone("erase-opinions", every=dt.timedelta(minutes=1))
def erase_opinions() -> None:
    """Erase the sentences that were lent for 72 hours (V5)."""
    deadlines.erase_overdue()
