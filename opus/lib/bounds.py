"""How far a day or an instant that somebody types may lie.

A form refuses it beside its field (``validate_year``, set by ``opus.lib.forms``); the
table refuses it whoever writes (``days_within``, ``instants_within``). The order of two
days, and the tighter windows of the trade, are constraints of each model.
"""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

FIRST_YEAR, LAST_YEAR = 2000, 2100
OUT_OF_YEARS = (
    f"Vérifiez l’année\xa0: une date s’écrit entre {FIRST_YEAR} et {LAST_YEAR}."
)
FIRST_DAY, LAST_DAY = dt.date(FIRST_YEAR, 1, 1), dt.date(LAST_YEAR, 12, 31)
# A day wider at both ends: whatever the zone, what the form takes the table takes.
FIRST_INSTANT = dt.datetime(FIRST_YEAR - 1, 12, 31, tzinfo=dt.UTC)
LAST_INSTANT = dt.datetime(LAST_YEAR + 1, 1, 2, tzinfo=dt.UTC)


def validate_year(value: dt.date) -> None:
    """
    Raises:
        ValidationError: nobody means that year.
    """
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValidationError(OUT_OF_YEARS, code="year")


def days_within(*names: str, name: str) -> models.CheckConstraint:
    """Bound all the days of a table that people type."""
    return within(names, FIRST_DAY, LAST_DAY, name)


def instants_within(*names: str, name: str) -> models.CheckConstraint:
    """Bound all the instants of a table that people type."""
    return within(names, FIRST_INSTANT, LAST_INSTANT, name)


def readable(*names: str) -> Q:
    """The rows whose instants every zone can show.

    The tables let no others in; a page of many rows, or for everybody, leans on no
    constraint alone.
    """
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
