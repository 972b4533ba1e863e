"""Calendar months of the convention (design 8).

A right that ends on a day ends at 24:00 Europe/Paris: compare days, never add hours.
"""

import datetime as dt

from dateutil.relativedelta import relativedelta
from django.utils import timezone


def add_months(day: dt.date, months: int = 1) -> dt.date:
    """Return the day N months later, within its month."""
    return day + relativedelta(months=months)


def in_paris(day: dt.date, clock: dt.time = dt.time.min) -> dt.datetime:
    """Return that hour of that day, midnight by default."""
    return timezone.make_aware(dt.datetime.combine(day, clock))


def past_months(months: int) -> dt.datetime:
    """Return the midnight in Paris before which N months have passed.

    On 31 May, six months have passed since 30 November, though no November has 31 days.
    """
    today = timezone.localdate()
    day = add_months(today, -months)
    while add_months(day, months) < today:
        day += dt.timedelta(days=1)
    return in_paris(day)


def days_until(day: dt.date, *, since: dt.date | None = None) -> int:
    """Return the midnights until a day; negative if past."""
    return (day - (since or timezone.localdate())).days
