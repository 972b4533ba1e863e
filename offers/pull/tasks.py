import datetime as dt
import logging

from celery import shared_task
from django.utils import timezone

from offers.pull.api import Access, Budget, api_of
from offers.pull.models import PullKind, PullRun
from offers.pull.poll import poll
from opus.lib import jobs

logger = logging.getLogger(__name__)

POLL_EVERY = dt.timedelta(minutes=1)
# Limit of one turn: the worker has other work, too. The next turn continues.
TURN_SECONDS = 25.0
NEWS_KEPT = dt.timedelta(days=30)
COMPARISONS_KEPT = dt.timedelta(days=90)


# The hard limit is half of the broker's visibility time-out (R7); one late answer of
# the API may follow the turn.
@shared_task(soft_time_limit=40, time_limit=45, expires=POLL_EVERY.total_seconds())
@jobs.exclusive("poll-offers", every=POLL_EVERY)
def poll_offers() -> None:
    access = Access.of_settings()
    if access is None:
        logger.info("Pull: no credentials, nothing to do.")
        return
    poll(api_of(access), budget=Budget(TURN_SECONDS))


@shared_task
@jobs.exclusive("tidy-pull", every=dt.timedelta(hours=1))
def tidy_pull() -> None:
    now = timezone.now()
    ended = PullRun.objects.filter(ended_at__isnull=False)
    ended.filter(kind=PullKind.NEWS, started_at__lt=now - NEWS_KEPT).delete()
    ended.filter(started_at__lt=now - COMPARISONS_KEPT).delete()
