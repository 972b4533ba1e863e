"""Working days and hours, as the convention counts them (art. 6; design 8).

A working day is Monday to Friday without the 11 national holidays, open from 8:30 to
18:00, Paris time, the end left out. The two more holidays of Alsace and Moselle are
not counted: the convention is national.
"""

import datetime as dt
from functools import cache

import holidays
from django.utils import timezone

OPENING = dt.time(8, 30)
CLOSING = dt.time(18, 0)
SATURDAY = 5
ONE_DAY = dt.timedelta(days=1)


@cache
def _holidays_of(year: int) -> dict[dt.date, str]:
    return dict(holidays.country_holidays("FR", years=year, language="fr"))


def holiday_name(day: dt.date) -> str:
    """The French name of the national holiday of that day; empty on another day."""
    return _holidays_of(day.year).get(day, "")


def is_working_day(day: dt.date) -> bool:
    """Whether the service is open on that day."""
    return day.weekday() < SATURDAY and not holiday_name(day)


def next_working_day(day: dt.date) -> dt.date:
    """The first working day after that day."""
    day += ONE_DAY
    while not is_working_day(day):
        day += ONE_DAY
    return day


def registered_at(instant: dt.datetime) -> dt.datetime:
    """When a request that came at that instant counts as registered.

    At once within the opening hours, else at the next opening.
    """
    local = timezone.localtime(instant)
    if is_working_day(local.date()) and OPENING <= local.time() < CLOSING:
        return instant
    if is_working_day(local.date()) and local.time() < OPENING:
        return _paris(local.date(), OPENING)
    return _paris(next_working_day(local.date()), OPENING)


def add_working_days(registered: dt.datetime, days: int) -> dt.datetime:
    """When a delay of that many working days ends.

    At the same clock time of the last of them, the day of registration not counted.
    """
    local = timezone.localtime(registered)
    day = local.date()
    for _ in range(days):
        day = next_working_day(day)
    return _paris(day, local.time())


def _paris(day: dt.date, clock: dt.time) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, clock))
