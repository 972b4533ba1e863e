"""Work by the clock: the letters of kept searches, and what is of no use any more."""

import datetime as dt

from celery import shared_task
from django.utils import timezone

from accounts.models import UserState
from offers.models import (
    EventQuarantine,
    FeedDelivery,
    FeedEvent,
    SavedSearch,
    SeenOffer,
)
from offers.saved import alerts
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


# An offer that has come in is told within a minute: this, five seconds until all who
# write are done, and the outbox.
SEARCHES_EVERY = 30


@shared_task(expires=SEARCHES_EVERY)
@jobs.alone("watch-searches", every=dt.timedelta(seconds=SEARCHES_EVERY))
def watch_searches() -> None:
    """Have the letters of searches leave: those at once, and the morning's (U5)."""
    alerts.tell_at_once()
    alerts.tell_daily()


@shared_task
@jobs.alone("tidy-searches", every=dt.timedelta(hours=1))
def tidy_searches() -> None:
    """Let go what closed accounts kept: nobody comes back to it."""
    SavedSearch.objects.filter(account__state=UserState.CLOSED).delete()
    SeenOffer.objects.filter(account__state=UserState.CLOSED).delete()
