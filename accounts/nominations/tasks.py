"""The clock of the posts of RGC: announced ends, and vacancies (art. 4.3)."""

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
    """End what was announced; tell once that eight days have passed (4.3)."""
    nomination_jobs.end_announced()
    warn_once()


@transaction.atomic
def warn_once() -> None:
    """The letters that the structures owe (4.3)."""
    for nomination in Nomination.objects.letter_overdue().select_related("convention"):
        warn(letter_overdue, nomination)
