"""Tests that live on another day than PostgreSQL, whose clock nobody moves."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from tests.tables import as_owner


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
