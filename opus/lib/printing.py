"""The worker's side of a sheet: print what waits, once, whatever fails (R6, R7, S34).

A task is told an id and nothing else. Its row says whether there is still something to
do, so that a task may run twice, late or not at all: the sweep finds what was missed.
"""

import functools
import logging
from pathlib import Path
from typing import Any

from celery import Task
from celery.exceptions import SoftTimeLimitExceeded
from django.db import models, transaction
from django.template.loader import render_to_string
from django.utils import timezone

from opus.lib import pdf
from opus.lib.sheets import Failure, Sheet, SheetState

logger = logging.getLogger(__name__)

# A sweep that comes late has nothing to add to the next one.
SWEEP_EVERY = 10
SWEEP_AT_MOST = 200


def wake(task: Task, sheet: models.Model) -> None:
    """Tell a worker of a sheet, or of an export, once the transaction is committed.

    A broker that is away costs the page nothing but a line in the log: the sweep
    finds the row (R14).
    """
    transaction.on_commit(functools.partial(_send, task, str(sheet.pk)), robust=True)


def sweep(model: type[Sheet], task: Task) -> None:
    """Tell the workers of the sheets that nobody told them of, or that are due again.

    Since a task may run twice, one too many does no harm.
    """
    due = model._default_manager.filter(
        state=SheetState.WAITING, next_attempt_at__lte=timezone.now()
    )
    for pk in due.order_by("next_attempt_at").values_list("pk", flat=True)[
        :SWEEP_AT_MOST
    ]:
        task.delay(str(pk))


def page_of(sheet: Sheet, title: str) -> str:
    """The whole page that the printer reads. The title holds no personal data."""
    return render_to_string("documents/page.html", {"title": title, "sheet": sheet})


def lay_out_sheet(
    sheet: Sheet, title: str, *styles: Path, tight: Path | None = None
) -> Any:
    """Its pages; one where ``tight`` is given, set tighter if this machine's font is a
    wide one (U4).
    """
    html = page_of(sheet, title)
    laid_out = pdf.lay_out(html, *styles)
    if tight and len(laid_out.pages) > 1:
        laid_out = pdf.lay_out(html, *styles, tight)
        logger.warning("A sheet was set tighter: %s page(s).", len(laid_out.pages))
    return laid_out


def print_sheet(
    sheet: Sheet, title: str, *styles: Path, tight: Path | None = None
) -> None:
    """Print, then keep the bytes or the cause of the failure; never a person's data.

    Args:
        tight: one more stylesheet, added where the others leave more than one page;
            without it the sheet takes as many as it needs.
    """
    try:
        sheet.store(pdf.write(lay_out_sheet(sheet, title, *styles, tight=tight)))
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


def _send(task: Task, pk: str) -> None:
    try:
        task.apply_async((pk,), retry=False, ignore_result=True)
    except task.OperationalError:
        logger.warning("Broker away: %s left to the sweep.", task.name)
