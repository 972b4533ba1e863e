"""Until when everything that came in can be seen: nothing new is passed over.

An offer is dated when it is written, and seen when its transaction is committed: a file
that takes two minutes brings offers two minutes old. Whoever noted "seen until now" in
between would never see them. So one notes less: until the start of the oldest
transaction that is writing.
"""

import datetime as dt

from django.db import connection
from django.db.models import DateTimeField, DurationField, Func, Value

# Between the start of a transaction and its first write; until then PostgreSQL does not
# know it for a writer.
MARGIN = dt.timedelta(seconds=5)


class Settled(Func):
    """That instant, inside a statement."""

    function = "opus_settled_until"
    output_field = DateTimeField()

    def __init__(self) -> None:
        super().__init__(Value(MARGIN, DurationField()))


def settled_until() -> dt.datetime:
    """That instant, now."""
    with connection.cursor() as cursor:
        seconds = MARGIN.total_seconds()
        cursor.execute(
            "SELECT opus_settled_until(make_interval(secs => %s))", [seconds]
        )
        (instant,) = cursor.fetchone()
    moment: dt.datetime = instant
    return moment
