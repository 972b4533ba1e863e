"""Draw boxes in Python: templates took too much time."""

from collections.abc import Iterable
from functools import cache
from html import escape

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from offers.catalogue.formatting import FIXED, number
from offers.search.page import Choice
from offers.search.sql import cap

register = template.Library()

BOX = (
    '<div class="fr-fieldset__element opus-facet__choice">'
    '<div class="fr-checkbox-group fr-checkbox-group--sm">'
    '<input type="checkbox" id="{0}-{1}" name="{0}" value="{1}" form="recherche"{2}>'
    '<label class="fr-label" for="{0}-{1}">{3}'
)
END = "</label></div></div>\n"
# Our constants: they need no escaping.
FREE, CHECKED, DISABLED = map(mark_safe, ("", " checked", " disabled"))


@register.simple_tag
def boxes(choices: Iterable[Choice]) -> SafeString:
    """Return the boxes, idle ones disabled; the unit of a count is read aloud."""
    drawn = (begun(choice) + count_of(choice) + END for choice in choices)
    return mark_safe("".join(drawn))  # noqa: S308 - each escapes what it is given


def begun(choice: Choice) -> str:
    state = CHECKED if choice.is_chosen else DISABLED if choice.is_idle else FREE
    return box(choice.filter.name, choice.option.value, choice.option.label, state)


def count_of(choice: Choice) -> str:
    if choice.count is None:
        return ""
    shown = number(min(choice.count, cap()))
    before = f"plus de{FIXED}" if choice.is_capped else ""
    unit = f"offre{'s' if choice.count > 1 else ''}"
    return (
        f' <span class="opus-facet__count">{before}{escape(shown)}'
        f'<span class="fr-sr-only"> {unit}</span></span>'
    )


@cache
def box(name: str, value: str, label: str, state: SafeString) -> str:
    return str(format_html(BOX, name, value, state, label))
