import datetime as dt
import logging

from celery import shared_task
from django.utils import timezone

from offers.catalogue.models import OfferSearch
from offers.feed.models import EventQuarantine, FeedDelivery, FeedEvent
from offers.page.models import OfferDocument
from offers.page.personal_data import forget_seen
from offers.pull.api import Access, Budget, api_of
from offers.pull.models import PullKind, PullRun
from offers.pull.poll import poll
from offers.search.models import Word
from offers.search.results import forget_misses
from offers.search.words import refresh_search
from opus.lib import jobs

logger = logging.getLogger(__name__)

# Each offer stores its highest sequences: an event that is sent again later than this
# changes nothing.
EVENTS_KEPT = dt.timedelta(days=90)
DELIVERIES_KEPT = dt.timedelta(days=30)
QUARANTINE_KEPT = dt.timedelta(days=90)
POLL_EVERY = dt.timedelta(minutes=1)
# Limit of one turn: the worker has other work, too. The next turn continues.
TURN_SECONDS = 25.0
NEWS_KEPT = dt.timedelta(days=30)
COMPARISONS_KEPT = dt.timedelta(days=90)


@shared_task
@jobs.exclusive("tidy-feed", every=dt.timedelta(hours=1))
def tidy_feed() -> None:
    now = timezone.now()
    FeedEvent.objects.filter(received_at__lt=now - EVENTS_KEPT).delete()
    FeedDelivery.objects.filter(received_at__lt=now - DELIVERIES_KEPT).delete()
    EventQuarantine.objects.filter(settled_at__lt=now - QUARANTINE_KEPT).delete()


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


# It reads the title of every offer twice: a million take a minute.
@shared_task(soft_time_limit=80, time_limit=85)
@jobs.exclusive("write-words-of-offers", every=dt.timedelta(days=1))
def write_words_of_offers() -> None:
    refresh_search()
    forget_misses()


@shared_task(expires=60)
def write_first_words() -> None:
    """Write the words of a new Opus with its offers."""
    if not Word.objects.exists() and OfferSearch.objects.exists():
        write_words_of_offers()


@shared_task(expires=10)
def delete_useless_documents() -> None:
    OfferDocument.objects.useless().delete()


@shared_task
@jobs.exclusive("forget-seen-offers", every=dt.timedelta(hours=1))
def forget_seen_offers() -> None:
    forget_seen()
