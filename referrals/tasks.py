"""Work after the answer: the PDFs (R6, R7, S31, S34).

A task is told an id and nothing else. Its row says whether there is still something to
do, so that a task may run twice, late or not at all: the sweep finds what was missed.
"""

import functools
import logging
from typing import Any

from celery import Task, shared_task
from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import worker_process_init
from django.db import transaction
from django.utils import timezone

from opus.lib import pdf
from referrals import documents
from referrals.models import Document, DocumentState, Failure, VoidSheet
from referrals.models.documents import Sheet

logger = logging.getLogger(__name__)

# A sweep that comes late has nothing to add to the next one.
SWEEP_EVERY = 10
SWEEP_AT_MOST = 200


@shared_task
def make_document(document_pk: str) -> None:
    """Print one act's document, if it still waits."""
    document = Document.take(document_pk)
    if document:
        _print(document, documents.title_of(document.referral))


@shared_task
def make_void_sheet(sheet_pk: str) -> None:
    """Print the sheet that stands in for a void document, if it still waits."""
    sheet = VoidSheet.take(sheet_pk)
    if sheet:
        _print(sheet, f"Document annulé n° {sheet.document.number}")


@shared_task(expires=SWEEP_EVERY)
def make_waiting_documents() -> None:
    """Find the sheets that no worker was told of, or that are due again (R6)."""
    for model, task in ((Document, make_document), (VoidSheet, make_void_sheet)):
        due = model._default_manager.filter(
            state=DocumentState.WAITING, next_attempt_at__lte=timezone.now()
        )
        for pk in due.order_by("next_attempt_at").values_list("pk", flat=True)[
            :SWEEP_AT_MOST
        ]:
            task.delay(str(pk))


def wake(task: Task, sheet: Sheet) -> None:
    """Tell a worker of a sheet, once the transaction is committed.

    A broker that is away costs the page nothing but a line in the log: the sweep
    finds the row (R14).
    """
    transaction.on_commit(functools.partial(_send, task, str(sheet.pk)), robust=True)


def _send(task: Task, pk: str) -> None:
    try:
        task.apply_async((pk,), retry=False, ignore_result=True)
    except task.OperationalError:
        logger.warning("Broker away: %s left to the sweep.", task.name)


def _print(sheet: Sheet, title: str) -> None:
    """Print, then keep the bytes or the cause of the failure; never a person's data."""
    try:
        sheet.store(_one_page(documents.page_of(sheet, title)))
    except pdf.PrinterMissing as error:
        # No later attempt would find it: somebody must install it.
        logger.error("The printer is missing: %s", error)
        sheet.fail(Failure.NO_PRINTER)
    except SoftTimeLimitExceeded:
        logger.warning("Sheet %s took too long.", sheet.pk)
        sheet.put_off(Failure.TOO_SLOW)
    except Exception as error:  # noqa: BLE001 - whatever a text does to the printer
        logger.warning("Sheet %s failed: %s.", sheet.pk, type(error).__name__)
        sheet.put_off(Failure.BREAKDOWN)


def _one_page(html: str) -> bytes:
    """The PDF on one page: set tighter if this machine's font is a wide one (U4)."""
    printed, pages = pdf.print_pdf(html, documents.SHEET_STYLE)
    if pages > 1:
        printed, pages = pdf.print_pdf(
            html, documents.SHEET_STYLE, documents.TIGHT_STYLE
        )
        logger.warning("A sheet was set tighter: %s page(s).", pages)
    return printed


@worker_process_init.connect
def load_printer(**_: Any) -> None:
    """Load the printer when a worker starts rather than with its first document."""
    try:
        pdf.warm_up(documents.SHEET_STYLE)
    except pdf.PrinterMissing as error:
        logger.error("This worker cannot print: %s", error)
