import datetime as dt

from celery import shared_task
from django.utils import timezone

from offers.feed.models import EventQuarantine, FeedDelivery, FeedEvent
from opus.lib import jobs

# Each offer stores its highest sequences: an event that is sent again later than this
# changes nothing.
EVENTS_KEPT = dt.timedelta(days=90)
DELIVERIES_KEPT = dt.timedelta(days=30)
QUARANTINE_KEPT = dt.timedelta(days=90)


@shared_task
@jobs.exclusive("tidy-feed", every=dt.timedelta(hours=1))
def tidy_feed() -> None:
    now = timezone.now()
    FeedEvent.objects.filter(received_at__lt=now - EVENTS_KEPT).delete()
    FeedDelivery.objects.filter(received_at__lt=now - DELIVERIES_KEPT).delete()
    EventQuarantine.objects.filter(settled_at__lt=now - QUARANTINE_KEPT).delete()
