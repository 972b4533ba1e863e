import datetime as dt
import logging

from celery import shared_task
from django.utils import timezone

from offers import retention
from offers.models import (
    EventQuarantine,
    FeedDelivery,
    FeedEvent,
    OfferDocument,
    OfferSearch,
    PullKind,
    PullRun,
    Word,
)
from offers.pull.api import Access, Budget, api_of
from offers.pull.poll import poll
from offers.search.spelling import refresh_words
from opus.lib import jobs

logger = logging.getLogger(__name__)

# The offers themselves remember the highest sequence of each source: an event that
# comes back later than this changes nothing.
EVENTS_KEPT = dt.timedelta(days=90)
DELIVERIES_KEPT = dt.timedelta(days=30)
QUARANTINE_KEPT = dt.timedelta(days=90)

POLL_EVERY = dt.timedelta(minutes=1)
# Of one turn: the worker has other work too. The next turn goes on.
TURN_SECONDS = 25.0


# The hard limit is half of the broker's visibility time-out (R7); one late answer of
# the API may follow the turn.
@shared_task(soft_time_limit=40, time_limit=45, expires=POLL_EVERY.total_seconds())
@jobs.alone("poll-offers", every=POLL_EVERY)
def poll_offers() -> None:
    access = Access.of_settings()
    if access is None:
        logger.info("Pull: no credentials, nothing to do.")
        return
    poll(api_of(access), budget=Budget(TURN_SECONDS))


@shared_task
@jobs.alone("tidy-feed", every=dt.timedelta(hours=1))
def tidy_feed() -> None:
    now = timezone.now()
    FeedEvent.objects.filter(received_at__lt=now - EVENTS_KEPT).delete()
    FeedDelivery.objects.filter(received_at__lt=now - DELIVERIES_KEPT).delete()
    EventQuarantine.objects.filter(settled_at__lt=now - QUARANTINE_KEPT).delete()
    ended = PullRun.objects.filter(ended_at__isnull=False)
    ended.filter(kind=PullKind.NEWS, started_at__lt=now - DELIVERIES_KEPT).delete()
    ended.filter(started_at__lt=now - QUARANTINE_KEPT).delete()


# It reads the title of every offer: a million take some ten seconds.
@shared_task(soft_time_limit=80, time_limit=85)
@jobs.alone("write-words-of-offers", every=dt.timedelta(days=1))
def write_words_of_offers() -> None:
    refresh_words()


@shared_task(expires=60)
def write_first_words() -> None:
    """On a new Opus, write words as soon as there are offers."""
    if not Word.objects.exists() and OfferSearch.objects.exists():
        write_words_of_offers()


@shared_task(expires=10)
def delete_useless_documents() -> None:
    OfferDocument.objects.useless().delete()


@shared_task
@jobs.alone("forget-seen-offers", every=dt.timedelta(hours=1))
def forget_seen_offers() -> None:
    retention.forget_seen()
