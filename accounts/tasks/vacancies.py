"""The clock of vacant posts of RGC (art. 4.3)."""

import datetime as dt

from celery import shared_task
from django.db import transaction

from accounts import nominations
from accounts.emails.nominations import letter_overdue, warn
from accounts.models import Nomination
from opus.lib import jobs


@shared_task
@jobs.alone("watch-rgc", every=dt.timedelta(hours=1))
def warn_of_overdue_letters() -> None:
    """End the offices whose announced day has passed; tell France Travail, once, that
    the eight days have passed.

    Neither access nor desk waits for it: both are derived from the dates.
    """
    nominations.end_announced()
    warn_once()


@transaction.atomic
def warn_once() -> None:
    for nomination in Nomination.objects.letter_overdue().select_related("convention"):
        warn(letter_overdue, nomination)
