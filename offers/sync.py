"""The only writer of offers: set-based, with France Travail's word as its source."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def writing_offers() -> Iterator[None]:
    """A transaction that may write offers; the trigger refuses all others (art. 7).

    The leave ends with the transaction, or when this block does.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL opus.sync = 'on'")
        yield
        cursor.execute("SET LOCAL opus.sync = 'off'")
