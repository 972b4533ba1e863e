"""The scheduled quarterly confirmation (S26); idempotent."""

import datetime as dt

from celery import shared_task
from django.db import transaction

from accounts.team import quarterly_reviews
from opus.lib.jobs import runner


@shared_task
@runner.alone("check-reviews", every=dt.timedelta(hours=1))
@transaction.atomic
def check_reviews() -> None:
    quarterly_reviews.watch()
