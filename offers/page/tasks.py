import datetime as dt

from celery import shared_task

from offers.page import retention
from offers.page.models import OfferDocument
from opus.lib import jobs


@shared_task(expires=10)
def delete_useless_documents() -> None:
    OfferDocument.objects.useless().delete()


@shared_task
@jobs.exclusive("forget-seen-offers", every=dt.timedelta(hours=1))
def forget_seen_offers() -> None:
    retention.forget_seen()
