"""Dates with the French ordinal « 1er » (U17)."""

import datetime as dt
import re

from django.utils import dateformat, timezone
from django.utils.formats import get_format

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
