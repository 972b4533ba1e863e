"""When something happened, as machines read it (A10)."""

import datetime as dt

from django import template
from django.utils import timezone

register = template.Library()


@register.filter
def instant(at: dt.datetime) -> str:
    """For ``<time datetime>``: HTML takes no millionths of a second, which ``date:"c"``
    writes.
    """
    return timezone.localtime(at).isoformat(timespec="seconds")
