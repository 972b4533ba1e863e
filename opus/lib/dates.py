"""Dates as France writes them: « 24 novembre 2026 », « 1er décembre 2026 » (U17).

Django has no French ordinal, and all its ways to write a date end in one place: the
filter ``date``, the admin's columns, ``date_format``, ``localize``. So the first day of
a month is put right there, once, for every page, letter, document and message.
"""

import datetime as dt

from django.utils import dateformat, timezone
from django.utils.formats import date_format


def day_of_month(written: dateformat.DateFormat) -> int | str:
    """« 1er », then 2 to 31. The format ``d`` stays a number, for tables."""
    day: int = written.data.day  # type: ignore[union-attr]
    return "1er" if day == 1 else day


def speak_french() -> None:
    """Have every format with ``j`` write it so; called once, at the start."""
    dateformat.DateFormat.j = day_of_month  # type: ignore[method-assign,assignment]


def moment(at: dt.datetime) -> str:
    """An instant in a sentence: « 24 novembre 2026 à 9 h 05 »."""
    return date_format(timezone.localtime(at), r"j F Y à G \h i")
