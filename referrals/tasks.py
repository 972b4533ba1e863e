"""Scheduled tasks, and hooks of the feed (R6)."""

import datetime as dt
import logging
from collections.abc import Sequence
from typing import Any

from celery import shared_task
from celery.signals import worker_process_init

from opus.lib import jobs, pdf
from opus.lib.files.tasks import SWEEP_EVERY
from referrals import (
    agenda,
    cv_deadlines,
    documents,
    retention,
    silence,
    transfers,
    withdrawals,
)

logger = logging.getLogger(__name__)


@shared_task
@jobs.alone("forget-habits", every=dt.timedelta(hours=1))
def forget_habits() -> None:
    """Delete old favourites, and searches of closed accounts (U6)."""
    retention.forget_habits()


@shared_task
@jobs.alone("apply-transfers", every=dt.timedelta(minutes=5))
def apply_transfers() -> None:
    transfers.apply_due()


@shared_task
@jobs.alone("watch-silence", every=dt.timedelta(hours=1))
def watch_silence() -> None:
    """Remind of silent acts, and close the oldest (5.2)."""
    silence.remind_advisers()
    silence.close_silent()


@shared_task
@jobs.alone("watch-cvs", every=dt.timedelta(hours=1))
def watch_cvs() -> None:
    """Remind of overdue CVs, close, purge (5.4)."""
    cv_deadlines.remind_overdue()
    cv_deadlines.close_without_cv()
    cv_deadlines.purge_cvs()


@shared_task
@jobs.alone("watch-appointments", every=dt.timedelta(minutes=15))
def watch_appointments() -> None:
    """Close past appointments; send reminders (5.5)."""
    agenda.close_past()
    agenda.remind_advisers()
    agenda.chase_advisers()


@shared_task(expires=SWEEP_EVERY)
def tell_withdrawals() -> None:
    withdrawals.tell_advisers()


@shared_task(expires=SWEEP_EVERY)
def confirm_acts() -> None:
    withdrawals.confirm_acts()


def wake_teller(references: Sequence[str]) -> None:
    """Start the task now if one of these offers has a live act."""
    if references and not withdrawals.concern_somebody(references):
        return
    jobs.wake(tell_withdrawals)


@worker_process_init.connect
def load_printer(**_: Any) -> None:
    try:
        pdf.warm_up(documents.SHEET_STYLE)
    except pdf.PrinterMissing as error:
        logger.error("This worker cannot print: %s", error)
