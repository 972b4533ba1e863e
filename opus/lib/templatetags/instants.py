"""Instants for people and for machines (U17, A10)."""

import datetime as dt
from typing import Any

from django import template
from django.template import defaultfilters
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from opus.lib.dates import pattern_for, with_ordinals

register = template.Library()


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
