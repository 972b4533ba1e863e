"""Work by the clock: letters of kept searches, information sheets, the feed's rest."""

import datetime as dt

from celery import shared_task
from django.utils import timezone

from accounts.models import UserState
from offers import documents
from offers import exports as exports  # The worker knows the tables imported here.
from offers.models import (
    EventQuarantine,
    FeedDelivery,
    FeedEvent,
    OfferSheet,
    SavedSearch,
    SeenOffer,
)
from offers.saved import alerts
from opus.lib import jobs
from opus.lib.printing import SWEEP_EVERY, print_sheet, sweep

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
def make_offer_sheet(sheet_pk: str) -> None:
    """Print one information sheet, if it still waits and its offer is still open."""
    sheet = OfferSheet.take(sheet_pk)
    if sheet and sheet.offer.is_active:
        print_sheet(
            sheet,
            documents.information_title_of(sheet.offer),
            documents.SHEET_STYLE,
            documents.TIGHT_STYLE,
        )


@shared_task(expires=SWEEP_EVERY)
def make_waiting_sheets() -> None:
    """Drop the sheets of offers that left; find those that no worker was told of."""
    OfferSheet.objects.useless().delete()
    sweep(OfferSheet, make_offer_sheet)


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
