"""The scheduled quarterly confirmation (S26); idempotent."""

import datetime as dt

from celery import shared_task
from django.db import transaction

from accounts.team import quarterly_reviews
from opus.lib.jobs import runner

HOURLY = dt.timedelta(hours=1)


@shared_task
@runner.alone("check-reviews", every=HOURLY)
@transaction.atomic
def check_reviews() -> None:
    quarterly_reviews.watch()
