"""Django's PostgreSQL backend, whose waits may have a bound (R13).

PostgreSQL's own limits say nothing of a server that is frozen or cut off: the bound is
the client's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any

import psycopg
from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper
from django.db.backends.postgresql.psycopg_any import IsolationLevel
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


class DatabaseWrapper(PostgresWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> BoundedConnection:
        self.isolation_level = IsolationLevel.READ_COMMITTED
        budget = current.get()
        if budget is None:
            return BoundedConnection.connect(**conn_params)
        with budget.spend() as seconds:
            most = min(conn_params["connect_timeout"], int(seconds))
            conn_params["connect_timeout"] = max(LEAST_TO_CONNECT, most)
            return BoundedConnection.connect(**conn_params)
