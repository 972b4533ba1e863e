"""A refused field: what it is called, and whether its author may ask about it (V5)."""

from collections.abc import Iterable

from django import template
from django.forms import BoundField

from opus.lib.wording import places, refusals
from opus.lib.wording.messages import WordingError

register = template.Library()
register.filter("place_label", places.place_label)


@register.filter
def family_labels(families: Iterable[str]) -> str:
    """Several subjects in one line."""
    return ", ".join(places.family_label(family) for family in families)


@register.filter
def refused_place(field: BoundField) -> str:
    """What refusals call the field, where the guard refused it and one may ask."""
    for error in field.errors.as_data():
        if isinstance(error, WordingError):
            return error.place if refusals.may_ask() else ""
    return ""
