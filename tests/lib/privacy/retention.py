"""What the tests of retention share: another day, a run, what remains."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

import time_machine
from django.utils import timezone

from opus.lib.dates import add_months
from opus.lib.privacy import retention
from opus.lib.privacy.models import PurgeRun
from opus.lib.privacy.personal_data import Retention

PARIS = ZoneInfo("Europe/Paris")


@contextmanager
def last_evening(months: int, since: dt.date | None = None) -> Iterator[None]:
    """The last minute, in Paris, of the day that ends so many months."""
    day = add_months(since or timezone.localdate(), months)
    at = dt.datetime.combine(day, dt.time(23, 59), PARIS)
    with time_machine.travel(at, tick=False):
        yield


@contextmanager
def next_morning(months: int, since: dt.date | None = None) -> Iterator[None]:
    """The first minute after it."""
    day = add_months(since or timezone.localdate(), months) + dt.timedelta(days=1)
    at = dt.datetime.combine(day, dt.time(0, 1), PARIS)
    with time_machine.travel(at, tick=False):
        yield


def purge(only: Retention | None = None) -> PurgeRun:
    return retention.run(only)
