"""The lines and badges of an offer in a list.

Written here and not in templates: a page has twenty rows of a dozen facts each, and
drawing them so takes a third of the time. ``html.escape`` is what Django's own escapes
with, without its look for lazy words: texts of offers are plain.
"""

from collections.abc import Iterator
from html import escape

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from offers.models import Offer
from offers.search import Hit
from offers.templatetags.offers import ago, count_of, hours, km, pay
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
    """A result in two lines. ``back`` leads from the offer to this very list."""
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
    """Where, what contract, how long and how much; what is not known is left out."""
    time, wage = working_time(offer), pay(offer.salary_label)
    return place(offer) + facts(km(distance_km), offer.contract_label, time, wage)


@register.simple_tag
def kept_facts(offer: Offer) -> SafeString:
    """The same in one line, for the lists of a person's offers."""
    time, number = working_time(offer), f"n° {offer.reference}"
    return place(offer) + facts(offer.contract_label, time, offer.company, number)


def source_facts(offer: Offer) -> SafeString:
    """Who recruits, since when, for how many posts, under what number."""
    day = instant(offer.created_at)
    age = f'<span><time datetime="{day}">{ago(offer.created_at)}</time></span>'
    posts = count_of(offer.posts, "poste") if offer.posts else ""
    rest = facts(posts, f"n° {offer.reference}")
    line = facts(offer.company) + age + rest
    return mark_safe(line)  # noqa: S308 - every part is escaped


def facts(*told: str) -> SafeString:
    """Each in its own part of the line; the empty ones are left out."""
    parts = [f"<span>{escape(one)}</span>" for one in told if one]
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped above


def place(offer: Offer) -> SafeString:
    label = offer.place_label
    told = STRONG.format(escape(label)) if label else ""
    return mark_safe(told)  # noqa: S308 - escaped above


def working_time(offer: Offer) -> str:
    """``35 h`` a week, else full or part time."""
    if offer.weekly_hours:
        return hours(offer.weekly_hours)
    if offer.full_time is None:
        return ""
    return "temps plein" if offer.full_time else "temps partiel"


@register.simple_tag
def badges(offer: Offer) -> SafeString:
    """What sets it apart: nothing for a published offer without preselection."""
    told = format_html_join("", BADGE, signs(offer))
    return format_html('<p class="opus-badges">{}</p>', told) if told else told


def signs(offer: Offer) -> Iterator[tuple[str, str]]:
    """The class of each badge (components/badge.html) and its words."""
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
