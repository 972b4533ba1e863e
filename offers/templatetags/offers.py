import re
from datetime import datetime, timedelta
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from offers.payload import read_pay
from opus.lib.dates import date_format

register = template.Library()

NARROW = "\N{NARROW NO-BREAK SPACE}"
FIXED = "\N{NO-BREAK SPACE}"
PERIODS = {"H": "par heure", "M": "par mois", "A": "par an"}
# Only what a browser opens as a page: « javascript: » stays text (S33).
ADDRESS = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
UNFINISHED_PAY = re.compile(r"\s*(?:horaire|mensuel|annuel)(?: de)?\s*", re.IGNORECASE)
END_OF_SENTENCE = ".,;:!?)»"


@register.filter
def number(value: int) -> str:
    return f"{value:,}".replace(",", NARROW)


@register.filter
def count_of(value: int, word: str) -> str:
    plural = "s" if value > 1 else ""
    return f"{number(value)}{FIXED}{word}{plural}"


@register.filter
def share(value: float | None) -> str:
    """Return « ≈ 62 % »; what a sample has not is rare."""
    if value is None:
        return ""
    if value < 1:
        return f"<{FIXED}1{FIXED}%"
    return f"≈{FIXED}{min(99, round(value))}{FIXED}%"


@register.filter
def km(value: float | None) -> str:
    """Return a distance, without a figure under a kilometre."""
    if value is None:
        return ""
    return f"moins de 1{FIXED}km" if value < 1 else f"{number(round(value))}{FIXED}km"


@register.filter
def pay(label: str) -> str:
    """Return « 2 050 € à 2 300 € par mois », else the label; « Annuel de »: nothing."""
    read = read_pay(label)
    if read is None:
        return "" if UNFINISHED_PAY.fullmatch(label) else label
    least, most, period = read
    told = euros(least) if least == most else f"{euros(least)} à {euros(most)}"
    return f"{told} {PERIODS[period]}"


def euros(amount: str) -> str:
    whole, cents = divmod(int(Decimal(amount) * 100), 100)
    return f"{number(whole)}{f',{cents:02}' if cents else ''}{FIXED}€"


@register.filter
def hours(value: Decimal | None) -> str:
    if value is None:
        return ""
    whole, minutes = divmod(int(value * 60), 60)
    return f"{whole}{FIXED}h{f'{FIXED}{minutes:02}' if minutes else ''}"


@register.filter
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


@register.filter
def with_links(text: str) -> SafeString:
    """Make web addresses links, without referrer."""
    parts: list[str] = []
    start = 0
    for found in ADDRESS.finditer(text):
        address = found[0].rstrip(END_OF_SENTENCE)
        parts.append(conditional_escape(text[start : found.start()]))
        parts.append(
            format_html(
                '<a href="{0}" target="_blank" rel="noreferrer noopener external"'
                ' title="{0} – nouvelle fenêtre">{0}</a>',
                address,
            )
        )
        start = found.start() + len(address)
    parts.append(conditional_escape(text[start:]))
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped above
