import re
from decimal import Decimal
from functools import lru_cache

HOURS = re.compile(r"(\d{1,2})\s*h(?:eures?)?\s*(\d{1,2})?(?![\d:])", re.IGNORECASE)
PART_TIME = re.compile(r"temps\s+partiel", re.IGNORECASE)
FULL_TIME = re.compile(r"temps\s+(?:plein|complet)", re.IGNORECASE)
LEGAL_WEEK = 35
MOST_HOURS = 60


@lru_cache(maxsize=4_096)
def read_hours(label: str, converted: str) -> tuple[bool | None, Decimal | None]:
    """Return (full-time, hours a week), each None if unknown."""
    hours = None
    if found := HOURS.search(label):
        minutes = int(found[2] or 0)
        hours = Decimal(int(found[1])) + Decimal(minutes) / 60
        hours = hours.quantize(Decimal("0.01"))
        if minutes > 59 or not 0 < hours <= MOST_HOURS:
            hours = None
    for text in (converted, label):
        if PART_TIME.search(text):
            return False, hours
        if FULL_TIME.search(text):
            return True, hours
    return (None if hours is None else hours >= LEGAL_WEEK), hours
