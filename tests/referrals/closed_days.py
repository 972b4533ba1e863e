"""Days to come on which everything is closed; sessions forbid travelling to them."""

import datetime as dt

from django.utils import timezone

from opus.lib.dates import holiday_name

DAY = dt.timedelta(days=1)
MIDWEEK = (1, 2, 3)
SUNDAY = 6


def holiday_to_come():
    """One from Tuesday to Thursday between two working days, a week ahead or more."""
    day = timezone.localdate() + 7 * DAY
    while not (
        holiday_name(day)
        and day.weekday() in MIDWEEK
        and not holiday_name(day - DAY)
        and not holiday_name(day + DAY)
    ):
        day += DAY
    return day


def sunday_to_come():
    """One that is no holiday besides."""
    day = timezone.localdate() + 7 * DAY
    while day.weekday() != SUNDAY or holiday_name(day):
        day += DAY
    return day
