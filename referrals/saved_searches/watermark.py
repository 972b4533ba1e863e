"""Return until when all offers are visible: none is missed.

An offer is dated when written, but visible when its transaction commits. So the limit
is the start of the oldest transaction that is writing.
"""

import datetime as dt

from django.db import connection
from django.utils import timezone

# The maximum between the start of a transaction and its first write: before it,
# PostgreSQL does not count the transaction as writing.
MARGIN = dt.timedelta(seconds=5)
# The morning's e-mails.
DAILY_AT = dt.time(7, 0)


def settled_until() -> dt.datetime:
    with connection.cursor() as cursor:
        statement = "SELECT opus_settled_until(make_interval(secs => %s))"
        cursor.execute(statement, [MARGIN.total_seconds()])
        (instant,) = cursor.fetchone()
    return instant


def last_morning(instant: dt.datetime) -> dt.datetime:
    """Return the last hour of the morning's e-mails, in Paris."""
    local = timezone.localtime(instant)
    day = local.date() if local.time() >= DAILY_AT else local.date() - dt.timedelta(1)
    return timezone.make_aware(dt.datetime.combine(day, DAILY_AT))
