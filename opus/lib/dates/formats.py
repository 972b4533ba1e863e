"""Dates with the French ordinal « 1er » (U17)."""

import datetime as dt
import re

from django.utils import dateformat, timezone
from django.utils.formats import get_format

# The day's letter in Django's formats, unless escaped.
DAY = re.compile(r"(\\.)|j")


def date_format(value: dt.date, letters: str = "DATE_FORMAT") -> str:
    return dateformat.format(value, pattern_for(value, letters))


def pattern_for(value: dt.date, letters: str) -> str:
    pattern: str = get_format(letters)
    if value.day != 1:
        return pattern
    return DAY.sub(lambda found: found[1] or r"j\e\r", pattern)


def moment(at: dt.datetime) -> str:
    """Format an instant: « 24 novembre à 9 h »."""
    return date_format(timezone.localtime(at), r"j F Y à G \h i")
