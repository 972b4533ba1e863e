"""Regular work on the mirror: what is out of use, and the words that offers use."""

import datetime as dt

from celery import shared_task
from django.utils import timezone

from offers.models import EventQuarantine, FeedDelivery, FeedEvent
from offers.search.spelling import refresh_words
from opus.lib import jobs

# The offers themselves remember the highest sequence of each source: an event that
# comes back later than this changes nothing.
EVENTS_KEPT = dt.timedelta(days=90)
DELIVERIES_KEPT = dt.timedelta(days=30)
QUARANTINE_KEPT = dt.timedelta(days=90)


@shared_task
def tidy_feed() -> None:
    """Drop batches, events and settled rejects that are of no use any more."""
    now = timezone.now()
    FeedEvent.objects.filter(received_at__lt=now - EVENTS_KEPT).delete()
    FeedDelivery.objects.filter(received_at__lt=now - DELIVERIES_KEPT).delete()
    EventQuarantine.objects.filter(settled_at__lt=now - QUARANTINE_KEPT).delete()


@shared_task
@jobs.alone("write-words-of-offers", every=dt.timedelta(days=1))
def write_words_of_offers() -> None:
    """What misspelt questions are held against (``offers.search.spelling``)."""
    refresh_words()
