"""Django's PostgreSQL backend, whose waits may have a bound (R13).

PostgreSQL's own limits say nothing of a server that is frozen or cut off: the bound is
the client's. A statement of every page may be planned once a connection.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any, Self

import psycopg
from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper
from django.db.backends.postgresql.psycopg_any import IsolationLevel
from django.db.backends.utils import CursorWrapper
from psycopg.abc import RV, PQGen

# How often psycopg looks for Ctrl-C while it waits, in seconds: its own default.
LOOK_UP = 0.1
# libpq waits no less for a connection, in seconds.
LEAST_TO_CONNECT = 2


class Budget:
    """The seconds that may still be spent waiting for PostgreSQL."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds

    @contextmanager
    def spend(self) -> Iterator[float]:
        """Yield what is left; subtract what the block takes.

        Raises OperationalError: nothing is left.
        """
        if self.left <= 0:
            raise psycopg.OperationalError("PostgreSQL was waited for long enough.")
        began = monotonic()
        try:
            yield self.left
        finally:
            self.left -= monotonic() - began


current: ContextVar[Budget | None] = ContextVar("budget", default=None)


@contextmanager
def waits_at_most(seconds: float) -> Iterator[None]:
    """Bound all waits for PostgreSQL of the block, together."""
    token = current.set(Budget(seconds))
    try:
        yield
    finally:
        current.reset(token)


class BoundedConnection(psycopg.Connection[Any]):
    def wait(
        self, gen: PQGen[RV], interval: float = LOOK_UP, timeout: float | None = None
    ) -> RV:
        budget = current.get()
        if budget is None or timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            with budget.spend() as seconds:
                return super().wait(gen, interval, seconds)
        finally:
            if budget.left <= 0:
                # Its answer may still come: nobody may read it for another's.
                self.close()


class PlannedCursor(psycopg.Cursor[Any]):
    """Its statements, whose text is always the same, are planned once a connection."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        return super().execute(query, params, prepare=True)


class DatabaseWrapper(PostgresWrapper):
    is_planned = False

    def planned_cursor(self) -> CursorWrapper:
        """Return a cursor that plans its statements once: a page's time is planning.

        For what finds few rows by an index, whatever the values.
        """
        self.is_planned = True
        try:
            return self.cursor()
        finally:
            self.is_planned = False

    def create_cursor(self, name: str | None = None) -> Any:
        if self.is_planned and self.connection:
            return PlannedCursor(self.connection)
        return super().create_cursor(name)

    def get_new_connection(self, conn_params: dict[str, Any]) -> BoundedConnection:
        self.isolation_level = IsolationLevel.READ_COMMITTED
        budget = current.get()
        if budget is None:
            return BoundedConnection.connect(**conn_params)
        with budget.spend() as seconds:
            most = min(conn_params["connect_timeout"], int(seconds))
            conn_params["connect_timeout"] = max(LEAST_TO_CONNECT, most)
            return BoundedConnection.connect(**conn_params)
