"""The boxes of the filters, eighty on each page of results.

Written here and not in a template: drawn by one, they took a third of the page's time.
"""

from collections.abc import Iterable, Iterator

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from offers.filters import Filter
from offers.screen import Group
from offers.search.facets import Choice
from offers.templatetags.offers import number, share

register = template.Library()

BOX = (
    '<div class="fr-fieldset__element opus-facet__choice">'
    '<div class="fr-checkbox-group fr-checkbox-group--sm">'
    '<input type="checkbox" id="{0}-{1}" name="{0}" value="{1}" form="recherche"{2}>'
    '<label class="fr-label" for="{0}-{1}">{3}'
)
END = "</label></div></div>\n"
COUNT = (
    ' <span class="opus-facet__count">{4}<span class="fr-sr-only"> {5}</span></span>'
)
# Written by us: there is nothing in them to escape.
FREE, CHECKED, DISABLED = map(mark_safe, ("", " checked", " disabled"))


@register.simple_tag
def counted_boxes(each: Filter, choices: Iterable[Choice]) -> SafeString:
    """Choices of one filter, each with the offers that it would leave."""
    return format_html_join("", BOX + COUNT + END, counted(each, choices))


@register.simple_tag
def plain_boxes(group: Group) -> SafeString:
    """The choices of a group, which has no counts."""
    boxes = (
        (
            tick.filter.name,
            tick.option.value,
            CHECKED if tick.is_chosen else FREE,
            tick.option.label,
        )
        for tick in group.ticks
    )
    return format_html_join("", BOX + END, boxes)


def counted(each: Filter, choices: Iterable[Choice]) -> Iterator[tuple[str, ...]]:
    """What a box with its count is filled with, the unit being read out only.

    A choice that is idle cannot be chosen too.
    """
    for choice in choices:
        state = CHECKED if choice.is_chosen else DISABLED if choice.is_idle else FREE
        if choice.count is None:
            told, unit = share(choice.share), "des offres, estimation"
        else:
            told = number(choice.count)
            unit = f"offre{'s' if choice.count > 1 else ''}"
        yield each.name, choice.option.value, state, choice.option.label, told, unit
