"""Draw offers in Python: templates take three times as long.

``html.escape`` is Django's, without the check for lazy texts.
"""

import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from offers.catalogue.formatting import (
    FIXED,
    ago,
    comparable_pay,
    contract,
    hours,
    is_comparable,
    km,
    short_pay,
)
from offers.catalogue.models import Offer
from offers.catalogue.presenter import distance_from_structure, place_of
from offers.search.page import Snippets
from offers.search.results import Hit
from opus.lib.templatetags.french import instant

register = template.Library()

STRONG = '<span class="opus-facts__strong">{}</span>'
BODY = (
    '<div class="opus-list__body"><div class="opus-row__head">'
    '<h3 class="opus-list__title"><a href="{}{}">{}</a></h3>{}</div>'
    '<p class="opus-list__line opus-row__facts">{}</p>'
    '<p class="opus-list__line opus-row__text">{} · '
    '<span class="opus-row__snippet">{}</span></p></div>'
)
BADGE = '<span class="fr-badge fr-badge--sm fr-badge--no-icon{}">{}</span>'
# « 38 - Bourgoin-Jallieu ».
DEPARTMENT = re.compile(r"\s\(\d[\dAB]\d?\)$")
NO_PAY = "salaire non précisé"


@register.simple_tag
def result_body(
    hit: Hit, back: str, snippets: Snippets, signs: Iterable[tuple[str, str]] = ()
) -> SafeString:
    """Return a result in three lines.

    ``back`` leads here again; ``signs``: badges that this offer alone does not say.
    """
    offer = hit.offer
    body = BODY.format(
        escape(offer.get_absolute_url()),
        escape(back),
        escape(offer.title),
        badge_line([*badges_of(offer), *signs]),
        columns(offer, hit.distance_km),
        source_facts(offer),
        snippets.of(offer.description),
    )
    return mark_safe(body)  # noqa: S308 - every part is escaped


def columns(offer: Offer, far: float | None) -> SafeString:
    """Return place and distance, contract and hours, pay."""
    dot = f"{FIXED}· "
    job = dot.join(filter(None, (contract(offer.contract_label), working_time(offer))))
    parts = (near(offer, far), escape(job), wage(offer))
    line = "".join(f"<span>{part}</span>" for part in parts)
    return mark_safe(line)  # noqa: S308 - every part is escaped


@register.simple_tag
def wage(offer: Offer) -> SafeString:
    """Return the pay of a month of 35 hours, then as stated."""
    stated = short_pay(offer.salary_label)
    month = comparable_pay(offer.salary_label, offer.weekly_hours, offer.full_time)
    if not month:
        return SafeString(escape(stated or NO_PAY))
    if is_comparable(offer.salary_label, offer.weekly_hours):
        return format_html("<strong>{}</strong>/mois", month)
    # « 1 856 €/mois » beside another month's pay must say whose week it is.
    unit = f" à 35{FIXED}h" if stated.endswith("/mois") else "/mois"
    return format_html(
        "<strong>≈\u00a0{}</strong>{} · <span>{}</span>", month, unit, stated
    )


@register.simple_tag(takes_context=True)
def kept_facts(context: Context, offer: Offer) -> SafeString:
    """Return the facts in one line, for a person's offers."""
    far = km(distance_from_home(context, offer))
    time, number = working_time(offer), f"n° {offer.reference}"
    job = facts(far, contract(offer.contract_label), time)
    paid = mark_safe(f"<span>{wage(offer)}</span>")  # noqa: S308 - escaped in wage
    return place(place_of(offer)) + job + paid + facts(offer.company, number)


def distance_from_home(context: Context, offer: Offer) -> float | None:
    """Return kilometres from the user's structure, without a query."""
    # Of a part drawn alone, too: its context has no variable « request ».
    request = getattr(context, "request", None)
    structure: Any = getattr(request, "structure", None)
    return distance_from_structure(offer, structure) if structure else None


def source_facts(offer: Offer) -> SafeString:
    day = instant(offer.created_at)
    age = f'<time datetime="{day}">{ago(offer.created_at)}</time>'
    company = f"{escape(offer.company)} · " if offer.company else ""
    line = f"{company}{age} · n°{FIXED}{escape(offer.reference)}"
    return mark_safe(line)  # noqa: S308 - every part is escaped


def facts(*texts: str) -> SafeString:
    parts = [f"<span>{escape(one)}</span>" for one in texts if one]
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped above


def near(offer: Offer, far: float | None) -> SafeString:
    """Return the place and its distance; the department only without it."""
    label = place_of(offer)
    if far is None:
        return place(label)
    distance = f"<{FIXED}1{FIXED}km" if far < 1 else km(far)
    return place(DEPARTMENT.sub("", label)) + facts(distance)


def place(label: str) -> SafeString:
    place = STRONG.format(escape(label)) if label else ""
    return mark_safe(place)  # noqa: S308 - escaped above


def working_time(offer: Offer) -> str:
    if offer.weekly_hours:
        return hours(offer.weekly_hours)
    if offer.full_time is None:
        return ""
    return "temps plein" if offer.full_time else "temps partiel"


@register.simple_tag
def badges(offer: Offer) -> SafeString:
    """Return the badges; a plain published offer has none."""
    return badge_line(badges_of(offer))


def badge_line(badges: Iterable[tuple[str, str]]) -> SafeString:
    shown = format_html_join("", BADGE, badges)
    return format_html('<p class="opus-badges">{}</p>', shown) if shown else shown


def badges_of(offer: Offer) -> Iterator[tuple[str, str]]:
    """Yield (class, label) of each badge (components/badge.html)."""
    if not offer.published:
        yield " fr-badge--new", "Non publiée ailleurs"
    if offer.delegated:
        yield " fr-badge--info", "Présélection déléguée"
    elif offer.preselection:
        yield " fr-badge--info", "Présélection France Travail"
    if offer.few_candidates:
        yield " fr-badge--success", "Peu de candidats"
    if offer.accessible_th:
        yield "", "Accessible TH"
