"""Days and instants: their range, their French, months and working days."""

import datetime as dt
import re
from functools import cache
from typing import Any

import holidays
from dateutil.relativedelta import relativedelta
from django.contrib.postgres.fields import RangeBoundary
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Greatest, Least
from django.utils import dateformat, timezone
from django.utils.formats import get_format

FIRST_YEAR, LAST_YEAR = 2000, 2100
OUT_OF_YEARS = (
    f"Vérifiez l’année\xa0: une date s’écrit entre {FIRST_YEAR} et {LAST_YEAR}."
)
FIRST_DAY, LAST_DAY = dt.date(FIRST_YEAR, 1, 1), dt.date(LAST_YEAR, 12, 31)
# A day wider at both ends: the table accepts the form's values in any zone.
FIRST_INSTANT = dt.datetime(FIRST_YEAR - 1, 12, 31, tzinfo=dt.UTC)
LAST_INSTANT = dt.datetime(LAST_YEAR + 1, 1, 2, tzinfo=dt.UTC)


def validate_year(value: dt.date) -> None:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValidationError(OUT_OF_YEARS, code="year")


def days_within(*names: str, name: str) -> models.CheckConstraint:
    return within(names, FIRST_DAY, LAST_DAY, name)


def instants_within(*names: str, name: str) -> models.CheckConstraint:
    return within(names, FIRST_INSTANT, LAST_INSTANT, name)


def readable(*names: str) -> Q:
    """Filter the rows whose instants every time zone can show."""
    shown = Q()
    for name in names:
        inside = Q(**{f"{name}__range": (FIRST_INSTANT, LAST_INSTANT)})
        shown &= inside | Q(**{name: None})
    return shown


def within(
    names: tuple[str, ...], first: Any, last: Any, name: str
) -> models.CheckConstraint:
    bounds = {f"{each}__range": (first, last) for each in names}
    return models.CheckConstraint(
        condition=Q(**bounds), name=name, violation_error_message=OUT_OF_YEARS
    )


class DateRange(Func):
    function = "DATERANGE"


def days_from(start: str, *, to: str) -> DateRange:
    """Return a sorted range: PostgreSQL raises on others, before CHECK."""
    days = Least(start, to), Greatest(start, to)
    return DateRange(*days, RangeBoundary(True, True))


# The day's letter in Django's formats, unless escaped.
DAY = re.compile(r"(\\.)|j")
MONTHS = (
    "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|"
    "décembre"
)
# The first of a month as the only text of a page's element, or its beginning.
FIRST = re.compile(rf"(?<=>)1(?= (?:{MONTHS}) [0-9]{{4}}\b)")


def date_format(value: dt.date, letters: str = "DATE_FORMAT") -> str:
    return dateformat.format(value, pattern_for(value, letters))


def pattern_for(value: dt.date, letters: str) -> str:
    pattern: str = get_format(letters)
    if value.day != 1:
        return pattern
    return DAY.sub(lambda found: found[1] or r"j\e\r", pattern)


def with_ordinals(html: str) -> str:
    """Write « 1er » where an element begins with a date."""
    return FIRST.sub("1er", html)


def moment(at: dt.datetime) -> str:
    """Format an instant: « 24 novembre à 9 h »."""
    return date_format(timezone.localtime(at), r"j F Y à G \h i")


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
