"""Working days and hours (art. 6; design 8).

Monday to Friday without the 11 national holidays, 8:30 to 18:00 (excluded), Paris time;
the two more holidays of Alsace and Moselle do not count.
"""

import datetime as dt
from functools import cache

import holidays
from django.utils import timezone

from opus.lib.dates.months import in_paris

OPENING = dt.time(8, 30)
CLOSING = dt.time(18, 0)
SATURDAY = 5
ONE_DAY = dt.timedelta(days=1)


@cache
def _holidays_of(year: int) -> dict[dt.date, str]:
    days = holidays.country_holidays("FR", years=year, language="fr")
    return {day: name.replace("'", "’") for day, name in days.items()}


def holiday_name(day: dt.date) -> str:
    return _holidays_of(day.year).get(day, "")


def is_working_day(day: dt.date) -> bool:
    return day.weekday() < SATURDAY and not holiday_name(day)


def next_working_day(day: dt.date) -> dt.date:
    day += ONE_DAY
    while not is_working_day(day):
        day += ONE_DAY
    return day


def registered_at(instant: dt.datetime) -> dt.datetime:
    """Return the instant itself if open, else the next opening."""
    local = timezone.localtime(instant)
    if not is_working_day(local.date()) or local.time() >= CLOSING:
        return in_paris(next_working_day(local.date()), OPENING)
    return instant if local.time() >= OPENING else in_paris(local.date(), OPENING)


def add_working_days(registered: dt.datetime, days: int) -> dt.datetime:
    """Return the same clock time N working days later."""
    local = timezone.localtime(registered)
    day = local.date()
    for _ in range(days):
        day = next_working_day(day)
    return in_paris(day, local.time())
