"""Format figures, pay, hours and dates for pages and files."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from offers.payload.pay import LEGAL_WEEK, read_pay, yearly_pay
from opus.lib.dates.formats import date_format

NARROW = "\N{NARROW NO-BREAK SPACE}"
FIXED = "\N{NO-BREAK SPACE}"
PERIODS = {"H": "par heure", "M": "par mois", "A": "par an"}
# Euros for 35 hours: beyond, the pay of a part-time job was stated for a full week.
MOST_IN_PART_TIME = 4_000
UNITS = {"H": "/h", "M": "/mois", "A": "/an"}
UNFINISHED_PAY = re.compile(r"\s*(?:horaire|mensuel|annuel)(?: de)?\s*", re.IGNORECASE)


def number(value: int) -> str:
    return f"{value:,}".replace(",", NARROW)


def count_of(value: int, word: str) -> str:
    plural = "s" if value > 1 else ""
    return f"{number(value)}{FIXED}{word}{plural}"


def km(value: float | None) -> str:
    """Return a distance, without a figure under a kilometre."""
    if value is None:
        return ""
    return f"moins de 1{FIXED}km" if value < 1 else f"{number(round(value))}{FIXED}km"


def pay(label: str) -> str:
    """Return the pay by period, else the finished label."""
    read = read_pay(label)
    if read is None:
        return "" if UNFINISHED_PAY.fullmatch(label) else label
    least, most, period = read
    amount = euros(least) if least == most else f"{euros(least)} à {euros(most)}"
    return f"{amount} {PERIODS[period]}"


def short_pay(label: str) -> str:
    """Return the stated pay as rows show it: « 12,02 à 13,12 €/h »."""
    read = read_pay(label)
    if read is None:
        return pay(label)
    least, most, period = read
    first = euros(least).removesuffix(f"{FIXED}€")
    amount = euros(least) if least == most else f"{first} à {euros(most)}"
    return f"{amount}{UNITS[period]}"


def comparable_pay(
    label: str, weekly_hours: Decimal | None, full_time: bool | None
) -> str:
    """Return the gross pay of a month of 35 hours, or "" if unknown."""
    read = read_pay(label)
    week = weekly_hours or (None if full_time is False else LEGAL_WEEK)
    if read is None or (week is None and read[2] != "H"):
        return ""
    least, most, period = read
    # Pay by the hour is for the hours of that week; the others for the whole week.
    share = Decimal(1) if period == "H" else LEGAL_WEEK / (week or LEGAL_WEEK)
    months = [
        round(yearly_pay(amount, period, LEGAL_WEEK) * share / 12)
        for amount in dict.fromkeys((least, most))
    ]
    if share > 1 and months[0] > MOST_IN_PART_TIME:
        return ""
    return f"{' à '.join(map(number, months))}{FIXED}€"


def is_comparable(label: str, weekly_hours: Decimal | None) -> bool:
    """Return whether the pay is stated by month, for 35 hours."""
    read = read_pay(label)
    is_legal = weekly_hours is None or weekly_hours == LEGAL_WEEK
    return read is not None and read[2] == "M" and is_legal


def euros(amount: str) -> str:
    whole, cents = divmod(int(Decimal(amount) * 100), 100)
    return f"{number(whole)}{f',{cents:02}' if cents else ''}{FIXED}€"


def hours(value: Decimal | None) -> str:
    if value is None:
        return ""
    whole, minutes = divmod(int(value * 60), 60)
    return f"{whole}{FIXED}h{f'{FIXED}{minutes:02}' if minutes else ''}"


def ago(moment: datetime) -> str:
    """Return how long ago; after some days, the date."""
    age = timezone.now() - moment
    if age < timedelta(hours=1):
        return f"il y a {max(1, age // timedelta(minutes=1))}{FIXED}min"
    if age < timedelta(days=1):
        return f"il y a {age // timedelta(hours=1)}{FIXED}h"
    if age < timedelta(days=31):
        return f"il y a {age // timedelta(days=1)}{FIXED}j"
    return "le " + date_format(timezone.localtime(moment), "j F Y")
