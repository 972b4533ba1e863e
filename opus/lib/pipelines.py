"""Statements sent to PostgreSQL together: one wait for them all.

Where both processors are busy, each wait costs more than what is waited for.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def pipelined() -> Iterator[None]:
    """Sends the statements of this block without waiting for each.

    The first answer that is read waits for those before it; the end of the block, for
    all. A fault is told there too, and the statements after it were not carried out.
    ``COPY`` is not for such a block, nor is the beginning or end of a transaction.

    Raises:
        DatabaseError: a statement failed, as Django names it.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield
