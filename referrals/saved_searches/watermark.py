"""Until when everything that came in can be seen: no new offer is passed over.

An offer is dated when it is written, and seen when its transaction is committed: a file
that takes two minutes brings offers two minutes old. Whoever noted "seen until now" in
between would never see them. So one notes less: until the start of the oldest
transaction that is writing.
"""

import datetime as dt

from django.db import connection
from django.utils import timezone

# Between the start of a transaction and its first write; until then PostgreSQL does not
# know it for a writer.
MARGIN = dt.timedelta(seconds=5)
# The morning's e-mails.
DAILY_AT = dt.time(7, 0)


def settled_until() -> dt.datetime:
    """Return that instant."""
    with connection.cursor() as cursor:
        seconds = MARGIN.total_seconds()
        cursor.execute(
            "SELECT opus_settled_until(make_interval(secs => %s))", [seconds]
        )
        (instant,) = cursor.fetchone()
    moment: dt.datetime = instant
    return moment


def last_morning(instant: dt.datetime) -> dt.datetime:
    """Return when the clock last struck the hour of the morning's e-mails, in Paris."""
    local = timezone.localtime(instant)
    day = local.date() if local.time() >= DAILY_AT else local.date() - dt.timedelta(1)
    return timezone.make_aware(dt.datetime.combine(day, DAILY_AT))
