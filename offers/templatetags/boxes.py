"""Draw boxes in Python: templates took too much time."""

from collections.abc import Iterable
from functools import cache
from html import escape

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from offers.catalogue.formatting import number, share
from offers.search.facets import Choice
from offers.search.filters import Filter
from offers.search.page import Group

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
def counted_boxes(each: Filter, choices: Iterable[Choice]) -> SafeString:
    boxes = (counted_box(each, choice) for choice in choices)
    return mark_safe("".join(boxes))  # noqa: S308 - each escapes what it is given


@register.simple_tag
def plain_boxes(group: Group) -> SafeString:
    boxes = (
        box(
            tick.filter.name,
            tick.option.value,
            tick.option.label,
            CHECKED if tick.is_chosen else FREE,
        )
        + END
        for tick in group.ticks
    )
    return mark_safe("".join(boxes))  # noqa: S308 - each escapes what it is given


def counted_box(each: Filter, choice: Choice) -> str:
    """Return a box, its unit read aloud, disabled if idle."""
    state = CHECKED if choice.is_chosen else DISABLED if choice.is_idle else FREE
    if choice.count is None:
        shown, unit = share(choice.share), "des offres, estimation"
    else:
        shown = number(choice.count)
        unit = f"offre{'s' if choice.count > 1 else ''}"
    begun = box(each.name, choice.option.value, choice.option.label, state)
    return (
        f'{begun} <span class="opus-facet__count">{escape(shown)}'
        f'<span class="fr-sr-only"> {unit}</span></span>{END}'
    )


@cache
def box(name: str, value: str, label: str, state: SafeString) -> str:
    return str(format_html(BOX, name, value, state, label))
