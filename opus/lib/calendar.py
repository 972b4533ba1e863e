"""Calendar months, as the convention counts them (design 8).

One month is the same day number of the next month, clipped to its end. A right that
ends on a day ends at 24:00 of it, Europe/Paris: ask whether today is past that day,
and never add hours, since a day has 23, 24 or 25.
"""

import datetime as dt

from dateutil.relativedelta import relativedelta
from django.utils import timezone


def add_months(day: dt.date, months: int = 1) -> dt.date:
    """That many months later: 31 January and one month make the last of February."""
    return day + relativedelta(months=months)


def past_months(months: int) -> dt.datetime:
    """What happened before this instant is so many months past, to the end of the day.

    Something of 31 January, kept for a month, is past it on 1 March, Europe/Paris.
    """
    day = add_months(timezone.localdate(), -months)
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def days_until(day: dt.date, *, since: dt.date | None = None) -> int:
    """The midnights between today, or that day, and a day; negative past it."""
    return (day - (since or timezone.localdate())).days
