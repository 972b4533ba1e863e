"""Draw the boxes that tick offers of a list, and the bar of these (U8)."""

import dataclasses
from html import escape
from typing import Any

from django import template
from django.template import Context
from django.utils.safestring import SafeString, mark_safe

from offers.catalogue.models import Offer
from offers.search.page import SearchScreen, carried, with_ticks
from referrals.acts.act_context import RowSigns, posts_after
from referrals.acts.act_rights import AT_ONCE
from referrals.bulk.actions import MOST_AT_ONCE
from referrals.templatetags.acts import answers_for, answers_without_person

register = template.Library()

TICK = (
    '<label class="opus-row__tick"><input type="checkbox" id="plusieurs-{0}" '
    'name="offre" value="{0}" form="plusieurs"{2}>'
    '<span class="fr-sr-only">Cocher : {1}</span></label>'
)
NO_TICK = '<span class="opus-row__tick"></span>'


@register.simple_tag(takes_context=True)
def row_tick(context: Context, offer: Offer, signs: RowSigns) -> SafeString:
    """Return the box of a result, empty if no act is possible."""
    request: Any = context["request"]
    posts = posts_after(offer, signs.hires)
    answers = (
        answers_for(context, offer, posts, signs.live)
        if context.get("candidate")
        else answers_without_person(request, offer, posts)
    )
    if not any(answers[kind].is_allowed for kind in AT_ONCE):
        return mark_safe(NO_TICK)  # noqa: S308 - our constant
    state = " checked" if offer.reference in context["ticked"] else ""
    number, title = escape(offer.reference), escape(offer.title)
    tick = TICK.format(number, title, state)
    return mark_safe(tick)  # noqa: S308 - every part is escaped


@register.simple_tag(takes_context=True)
def ticked_offers(context: Context) -> list[str]:
    return carried(context["request"].GET)


@register.simple_tag(takes_context=True)
def way_here(context: Context, screen: SearchScreen) -> str:
    """Return the query string of links that lead back here, ticks included."""
    way = screen.way_back
    here = dataclasses.replace(way, path=with_ticks(way.path, context["ticked"]))
    return f"?{here.query}"


@register.inclusion_tag("referrals/bulk/bar.html", takes_context=True)
def ticked_bar(context: Context, screen: SearchScreen) -> dict[str, Any]:
    """Return what the bar says: ticks of other pages, whether too many."""
    ticked = context["ticked"]
    here = {hit.offer.pk for hit in screen.page.object_list}
    return {
        "elsewhere": [number for number in ticked if number not in here],
        "excess": max(0, len(ticked) - MOST_AT_ONCE),
        "most": MOST_AT_ONCE,
        "criteria": screen.criteria,
        "candidate": context.get("candidate"),
        "may_propose": "delegation" in context["request"].services
        and not context.get("frozen_by"),
    }
