"""Scheduled ends of offices and reminders of vacancies (art. 4.3)."""

import datetime as dt

from celery import shared_task
from django.db import transaction

from accounts.nominations import jobs as nomination_jobs
from accounts.nominations.emails import letter_overdue, warn
from accounts.nominations.models import Nomination
from opus.lib.jobs import runner


@shared_task
@runner.alone("check-rgc", every=dt.timedelta(hours=1))
def warn_of_overdue_letters() -> None:
    """End announced offices; warn once after eight days (4.3)."""
    nomination_jobs.end_announced()
    warn_once()


@transaction.atomic
def warn_once() -> None:
    """Warn about letters that structures owe (4.3)."""
    for nomination in Nomination.objects.letter_overdue().select_related("convention"):
        warn(letter_overdue, nomination)
