"""Draw offers in Python: templates take three times as long.

``html.escape`` is Django's, without the check for lazy texts.
"""

from collections.abc import Iterator
from html import escape

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from offers.catalogue.formatting import ago, count_of, hours, km, pay
from offers.catalogue.models import Offer
from offers.search.results import Hit
from opus.lib.templatetags.instants import instant

register = template.Library()

STRONG = '<span class="opus-facts__strong">{}</span>'
BODY = (
    '<div class="opus-list__body">'
    '<h3 class="opus-list__title"><a href="{}{}">{}</a></h3>'
    '<p class="opus-list__line opus-facts">{}</p>'
    '<p class="opus-list__line opus-facts">{}</p>{}</div>'
)
BADGE = '<span class="fr-badge fr-badge--sm fr-badge--no-icon{}">{}</span>'


@register.simple_tag
def result_body(hit: Hit, back: str) -> SafeString:
    """Return a result in two lines; ``back`` leads here again."""
    offer = hit.offer
    body = BODY.format(
        escape(offer.get_absolute_url()),
        escape(back),
        escape(offer.title),
        job_facts(offer, hit.distance_km),
        source_facts(offer),
        badges(offer),
    )
    return mark_safe(body)  # noqa: S308 - every part is escaped


def job_facts(offer: Offer, distance_km: float | None) -> SafeString:
    time, wage = working_time(offer), pay(offer.salary_label)
    return place(offer) + facts(km(distance_km), offer.contract_label, time, wage)


@register.simple_tag
def kept_facts(offer: Offer) -> SafeString:
    """Return the facts in one line, for a person's offers."""
    time, number = working_time(offer), f"n° {offer.reference}"
    return place(offer) + facts(offer.contract_label, time, offer.company, number)


def source_facts(offer: Offer) -> SafeString:
    day = instant(offer.created_at)
    age = f'<span><time datetime="{day}">{ago(offer.created_at)}</time></span>'
    posts = count_of(offer.posts, "poste") if offer.posts else ""
    rest = facts(posts, f"n° {offer.reference}")
    line = facts(offer.company) + age + rest
    return mark_safe(line)  # noqa: S308 - every part is escaped


def facts(*texts: str) -> SafeString:
    parts = [f"<span>{escape(one)}</span>" for one in texts if one]
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped above


def place(offer: Offer) -> SafeString:
    label = offer.place_label
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
    shown = format_html_join("", BADGE, badges_of(offer))
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
