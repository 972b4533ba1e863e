import datetime as dt
import logging
from typing import Any

from celery import shared_task
from celery.signals import worker_process_init

from offers.page.documents import PAPER_STYLE
from opus.lib import jobs
from opus.lib.documents import pdf
from referrals.documents import jobs as document_jobs

logger = logging.getLogger(__name__)


@shared_task
@jobs.exclusive("notify-changes", every=dt.timedelta(minutes=15))
def notify_changes() -> None:
    document_jobs.notify_of_changes()


@worker_process_init.connect
def load_printer(**_: Any) -> None:
    try:
        pdf.warm_up(PAPER_STYLE)
    except pdf.PrinterMissing as error:
        logger.error("This worker cannot print: %s", error)
