"""What the rows of offers show: place, pay, badges, the words found."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from offers.catalogue import formatting
from offers.catalogue.formatting import FIXED
from offers.catalogue.models import Offer
from offers.catalogue.presenter import distance_from_structure, place_of
from offers.enums import MODES_SHOWN
from offers.search.page import Snippets

register = template.Library()

STRONG = '<span class="opus-facts__strong">{}</span>'
BADGE = '<span class="fr-badge fr-badge--sm fr-badge--no-icon{}">{}</span>'
# « 38 - Bourgoin-Jallieu ».
DEPARTMENT = re.compile(r"\s\(\d[\dAB]\d?\)$")
NO_PAY = "salaire non précisé"


@register.filter
def snippet(text: str, snippets: Snippets) -> SafeString:
    return snippets.of(text)


@register.simple_tag
def place_facts(offer: Offer, far: float | None) -> SafeString:
    """Return the place and its distance; the department only without it."""
    label = place_of(offer)
    if far is not None:
        label = DEPARTMENT.sub("", label)
    place = format_html(STRONG, label) if label else SafeString("")
    if far is None:
        return place
    distance = f"<{FIXED}1{FIXED}km" if far < 1 else formatting.km(far)
    return place + format_html("<span>{}</span>", distance)


@register.simple_tag
def wage(offer: Offer) -> SafeString:
    """Return the pay of a month of 35 hours, then as stated."""
    stated = formatting.short_pay(offer.salary_label)
    month = formatting.comparable_pay(
        offer.salary_label, offer.weekly_hours, offer.full_time
    )
    if not month:
        return format_html("{}", stated or NO_PAY)
    if formatting.is_comparable(offer.salary_label, offer.weekly_hours):
        return format_html("<strong>{}</strong>/mois", month)
    # « 1 856 €/mois » beside another month's pay must say whose week it is.
    unit = f" à 35{FIXED}h" if stated.endswith("/mois") else "/mois"
    return format_html(
        "<strong>≈\u00a0{}</strong>{} · <span>{}</span>", month, unit, stated
    )


@register.inclusion_tag("offers/search/parts/kept_facts.html", takes_context=True)
def kept_facts(context: Context, offer: Offer) -> dict[str, Any]:
    """Show the facts in one line, with the distance from the user's structure."""
    # Of a part drawn alone, too: its context has no variable « request ».
    request = getattr(context, "request", None)
    structure: Any = getattr(request, "structure", None)
    far = distance_from_structure(offer, structure) if structure else None
    job = (formatting.contract(offer.contract_label), working_time(offer))
    return {"offer": offer, "facts": (formatting.km(far), *job)}


@register.filter
def working_time(offer: Offer) -> str:
    if offer.weekly_hours:
        return formatting.hours(offer.weekly_hours)
    if offer.full_time is None:
        return ""
    return "temps plein" if offer.full_time else "temps partiel"


@register.simple_tag
def badges(offer: Offer, more: Iterable[tuple[str, str]] = ()) -> SafeString:
    """Return the badges, and ``more``; a plain published offer has none of its own."""
    shown = format_html_join("", BADGE, [*badges_of(offer), *more])
    return format_html('<p class="opus-badges">{}</p>', shown) if shown else shown


def badges_of(offer: Offer) -> Iterator[tuple[str, str]]:
    """Yield (class, label) of each badge (components/badge.html)."""
    if not offer.published:
        yield " fr-badge--new", "Non publiée ailleurs"
    if offer.preselection:
        yield " fr-badge--info", MODES_SHOWN[offer.mode]
    if offer.few_candidates:
        yield " fr-badge--success", "Peu de candidats"
    if offer.accessible_th:
        yield "", "Accessible TH"
