import datetime as dt
from collections.abc import Sequence
from functools import cache

from celery import shared_task

from opus.lib import jobs
from opus.lib.background_files import SWEEP_EVERY
from opus.lib.database.compiled_query import CompiledValues, placeholder
from referrals.acts import reminders, withdrawals
from referrals.acts.models.acts import Act


@shared_task
@jobs.exclusive("check-silence", every=dt.timedelta(hours=1))
def check_silence() -> None:
    """Remind of silent acts, and close the oldest (5.2)."""
    reminders.remind_advisers()
    reminders.close_silent()


@shared_task(expires=SWEEP_EVERY)
def notify_withdrawals() -> None:
    withdrawals.notify_advisers()


@shared_task(expires=SWEEP_EVERY)
def confirm_acts() -> None:
    withdrawals.confirm_acts()


def notify_withdrawals_now(references: Sequence[str]) -> None:
    """Start the task if an offer has a live act."""
    if not references or live_acts_on().rows(list(references)):
        jobs.enqueue(notify_withdrawals)


@cache
def live_acts_on() -> CompiledValues:
    """Return a query of one act on these offers: compiled, half of an event."""
    numbers = placeholder("SELECT unnest(%s::text[])")
    acts = Act.objects.live().filter(offer__in=numbers).order_by()
    return CompiledValues(acts.values_list("kind")[:1], [numbers])
