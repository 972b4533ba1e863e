"""French of names, and instants for people and for machines (U17, A10)."""

import datetime as dt
import re
from typing import Any

from django import template
from django.template import defaultfilters
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from opus.lib import french
from opus.lib.dates import pattern_for, with_ordinals

register = template.Library()
register.filter("de", french.of)

# Longer, a word may have no line of its own.
HYPHENATED = re.compile(r"\b[\w’]{1,12}(?:-[\w’]{1,12}){1,3}\b")


@register.filter
def unbroken(text: str) -> SafeString:
    """Keep words with a hyphen on one line: « week-ends »."""
    html = conditional_escape(text)
    kept = HYPHENATED.sub(r'<span class="paper__keep">\g<0></span>', html)
    return mark_safe(kept)  # noqa: S308 - escaped above


@register.filter(expects_localtime=True, is_safe=False)
def date(value: Any, letters: str = "DATE_FORMAT") -> str:
    """Django's own filter, with « 1er » for the first."""
    if isinstance(value, dt.date):
        letters = pattern_for(value, letters)
    return defaultfilters.date(value, letters)


@register.filter
def ordinals(html: SafeString) -> SafeString:
    """Put « 1er » into dates that the admin has already formatted."""
    return mark_safe(with_ordinals(html))  # noqa: S308 - escaped by the admin


@register.filter
def instant(at: dt.datetime) -> str:
    """Format for ``<time datetime>``, without the microseconds of ``date:"c"``."""
    return timezone.localtime(at).isoformat(timespec="seconds")
