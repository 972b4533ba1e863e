"""Tests that live on another day than PostgreSQL, whose clock nobody moves."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import time_machine
from django.db import connection

from tests.tables import as_owner

PARIS = ZoneInfo("Europe/Paris")


def at(day: dt.date, hour: int = 10) -> Any:
    """Stand still at that hour of that day, in Paris."""
    instant = dt.datetime.combine(day, dt.time(hour), PARIS)
    return time_machine.travel(instant, tick=False)


@contextmanager
def postgresqls_clock_aside() -> Iterator[None]:
    """No test moves it: what asks it whether the last day is over is set aside."""
    trigger = "accounts_convention DISABLE TRIGGER accounts_convention_ends"
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {trigger}")
    yield
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {trigger.replace('DISABLE', 'ENABLE')}")
