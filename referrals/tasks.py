"""Work by the clock, and what the feed changes for acts (R6)."""

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
    """Delete old favourites, and the searches of closed accounts (U6)."""
    retention.forget_habits()


@shared_task
@jobs.alone("apply-transfers", every=dt.timedelta(minutes=5))
def apply_transfers() -> None:
    """Move the caseloads whose day of waiting has passed (S39)."""
    transfers.apply_due()


@shared_task
@jobs.alone("watch-silence", every=dt.timedelta(hours=1))
def watch_silence() -> None:
    """Remind of the acts of which nothing is said, and close the oldest (5.2)."""
    silence.remind_advisers()
    silence.close_silent()


@shared_task
@jobs.alone("watch-cvs", every=dt.timedelta(hours=1))
def watch_cvs() -> None:
    """Remind of overdue CVs, close what never came, erase what is old (5.4)."""
    cv_deadlines.remind_overdue()
    cv_deadlines.close_without_cv()
    cv_deadlines.purge_cvs()


@shared_task
@jobs.alone("watch-appointments", every=dt.timedelta(minutes=15))
def watch_appointments() -> None:
    """Move past appointments on, remind of those that come, chase the untold (5.5)."""
    agenda.close_past()
    agenda.remind_advisers()
    agenda.chase_advisers()


@shared_task(expires=SWEEP_EVERY)
def tell_withdrawals() -> None:
    """Tell advisers of their acts on offers withdrawn; woken, and by the clock."""
    withdrawals.tell_advisers()


@shared_task(expires=SWEEP_EVERY)
def confirm_acts() -> None:
    """Clear *à confirmer* after the feed's next sign of life (design 2.10)."""
    withdrawals.confirm_acts()


def wake_teller(references: Sequence[str]) -> None:
    """Ask a worker to tell now, if somebody is concerned by one of these offers.

    The sweep finds what a broker away did not hear.
    """
    if references and not withdrawals.concern_somebody(references):
        return
    try:
        tell_withdrawals.apply_async(retry=False, ignore_result=True)
    except tell_withdrawals.OperationalError:
        logger.warning("Broker away: withdrawals are left to the sweep.")


@worker_process_init.connect
def load_printer(**_: Any) -> None:
    """Load the printer when a worker starts rather than with its first document."""
    try:
        pdf.warm_up(documents.SHEET_STYLE)
    except pdf.PrinterMissing as error:
        logger.error("This worker cannot print: %s", error)
