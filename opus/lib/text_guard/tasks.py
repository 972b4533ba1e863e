import datetime as dt
import logging

from celery import shared_task
from django.db import connection

from opus.lib import jobs
from opus.lib.privacy import retention
from opus.lib.text_guard import rescan
from opus.lib.text_guard.models import TextGuardCount


@shared_task
@jobs.exclusive("rescan-texts", every=dt.timedelta(hours=1))
def rescan_texts() -> None:
    rescan.recheck()
    if rescan.is_due():
        rescan.rescan()


@shared_task
@jobs.exclusive("purge-refusals", every=dt.timedelta(hours=1))
def purge_refusals() -> None:
    """Delete counts of refused texts after twelve months (V4)."""
    TextGuardCount.objects.past().delete()
