"""What the tests of retention share: another day, a run, what remains."""

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

import time_machine
from django.db import connection
from django.utils import timezone

from opus.lib import jobs
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


@contextmanager
def lock_held(name: str) -> Iterator[None]:
    """While another connection holds the lock of that job."""
    held, done = threading.Event(), threading.Event()

    def keep_lock() -> None:
        with jobs.lock(name) as is_ours:
            assert is_ours
            held.set()
            done.wait(timeout=60)
        connection.close()

    thread = threading.Thread(target=keep_lock)
    thread.start()
    try:
        assert held.wait(timeout=60)
        yield
    finally:
        done.set()
        thread.join()
