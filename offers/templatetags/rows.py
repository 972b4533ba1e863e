"""The lines and badges of an offer in a list.

Written here and not in templates: a page has twenty rows of a dozen facts each, and
drawing them so takes a third of the time.
"""

from collections.abc import Iterator

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from offers.models import Offer
from offers.templatetags.offers import ago, count_of, hours, km, pay

register = template.Library()

FACT = "<span>{}</span>"
STRONG = '<span class="opus-facts__strong">{}</span>'
BADGE = '<span class="fr-badge fr-badge--sm fr-badge--no-icon{}">{}</span>'


@register.simple_tag
def job_facts(offer: Offer, distance_km: float | None = None) -> SafeString:
    """Where, what contract, how long and how much; what is not known is left out."""
    time, wage = working_time(offer), pay(offer.salary_label)
    return place(offer) + facts(km(distance_km), offer.contract_label, time, wage)


@register.simple_tag
def kept_facts(offer: Offer) -> SafeString:
    """The same in one line, for the lists of a person's offers."""
    time, number = working_time(offer), f"n° {offer.reference}"
    return place(offer) + facts(offer.contract_label, time, offer.company, number)


@register.simple_tag
def source_facts(offer: Offer) -> SafeString:
    """Who recruits, since when, for how many posts, under what number."""
    day = timezone.localtime(offer.created_at).isoformat(timespec="seconds")
    age = format_html('<time datetime="{}">{}</time>', day, ago(offer.created_at))
    posts = count_of(offer.posts, "poste") if offer.posts else ""
    return facts(offer.company, age, posts, f"n° {offer.reference}")


def facts(*told: str) -> SafeString:
    return format_html_join("", FACT, ((one,) for one in told if one))


def place(offer: Offer) -> SafeString:
    label = offer.place_label
    return format_html(STRONG, label) if label else SafeString()


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
