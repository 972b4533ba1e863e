"""The scheduled quarterly confirmation (S26); idempotent."""

import datetime as dt

from celery import shared_task
from django.db import transaction

from accounts.team import quarterly_reviews
from opus.lib import jobs


@shared_task
@jobs.exclusive("check-reviews", every=dt.timedelta(hours=1))
@transaction.atomic
def check_reviews() -> None:
    quarterly_reviews.watch()
