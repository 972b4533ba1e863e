"""Live offers close to one that is gone: what to propose instead (R2)."""

from collections.abc import Iterator

from django.db.models import F, Q, QuerySet, Value
from django.db.models.expressions import OrderBy

from offers.geometry import distance_from, within
from offers.models import Offer, OfferSearch
from offers.search import Answers, Question

# An hour on the road, for most.
NEAR_KM = 50


def lookalikes(offer: Offer, limit: int = 3) -> list[Offer]:
    """Active offers of the same trade, else with the same words in their title; the
    nearest first, then the newest. One is left out rather than far-fetched.
    """
    found: dict[str, None] = {}
    for candidates in widening(offer):
        missing = limit - len(found)
        fresh = candidates.exclude(pk__in=[offer.pk, *found])
        found |= dict.fromkeys(fresh.values_list("pk", flat=True)[:missing])
        if len(found) == limit:
            break
    offers = (
        Offer.objects.active()
        .defer("description", "details", "skills_text")
        .in_bulk(list(found))
    )
    return [offers[reference] for reference in found if reference in offers]


def widening(offer: Offer) -> Iterator[QuerySet[OfferSearch]]:
    """Same trade near, same words near, then the same in the whole region."""
    rows = OfferSearch.objects.order_by("-created_at", "offer_id")
    alike = [with_words(rows, offer.title)]
    if offer.rome_code:
        alike.insert(0, rows.filter(rome_code=offer.rome_code))
    elif offer.rome_label:
        alike.append(with_words(rows, offer.rome_label))
    around, order = surroundings(offer)
    for rows in alike:
        yield rows.filter(around).order_by(*order, "-created_at", "offer_id")
    if offer.region:
        for rows in alike:
            yield rows.filter(region=offer.region)


def with_words(rows: QuerySet[OfferSearch], words: str) -> QuerySet[OfferSearch]:
    return rows.filter(Answers(F("vector"), Question(Value(words))))


def surroundings(offer: Offer) -> tuple[Q, list[OrderBy]]:
    """(what lies near an offer, in which order), by its point or its department."""
    if offer.latitude is not None and offer.longitude is not None:
        point = (offer.latitude, offer.longitude)
        return within(point, NEAR_KM), [distance_from(point).asc()]
    return Q(department=offer.department), []
