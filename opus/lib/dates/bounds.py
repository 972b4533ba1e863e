"""The range of typed days and instants."""

import datetime as dt
from typing import Any

from django.contrib.postgres.fields import RangeBoundary
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Greatest, Least

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
