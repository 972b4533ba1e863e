import logging
from typing import Any

from celery.signals import worker_process_init

from offers.page.documents import PAPER_STYLE
from opus.lib.documents import pdf

logger = logging.getLogger(__name__)


@worker_process_init.connect
def load_printer(**_: Any) -> None:
    try:
        pdf.warm_up(PAPER_STYLE)
    except pdf.PrinterMissing as error:
        logger.error("This worker cannot print: %s", error)
