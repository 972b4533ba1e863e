import datetime as dt
from collections.abc import Sequence

from celery import shared_task

from opus.lib import jobs
from opus.lib.files.tasks import SWEEP_EVERY
from referrals import (
    silence,
    withdrawals,
)


@shared_task
@jobs.alone("watch-silence", every=dt.timedelta(hours=1))
def watch_silence() -> None:
    """Remind of silent acts, and close the oldest (5.2)."""
    silence.remind_advisers()
    silence.close_silent()


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
