"""When something happened, as people and as machines read it (U17, A10)."""

import datetime as dt
from typing import Any

from django import template
from django.template import defaultfilters
from django.utils import timezone

from opus.lib.dates import pattern_for

register = template.Library()


@register.filter(expects_localtime=True, is_safe=False)
def date(value: Any, letters: str = "DATE_FORMAT") -> str:
    """Django's own filter, « 1er » for the first of a month."""
    if isinstance(value, dt.date):
        letters = pattern_for(value, letters)
    return defaultfilters.date(value, letters)


@register.filter
def instant(at: dt.datetime) -> str:
    """For ``<time datetime>``: HTML takes no millionths of a second, which ``date:"c"``
    writes.
    """
    return timezone.localtime(at).isoformat(timespec="seconds")
