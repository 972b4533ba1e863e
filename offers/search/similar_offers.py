"""Live offers similar to a withdrawn one (R2)."""

from collections.abc import Iterator, Sequence

from django.db.models import Expression, F, FloatField, Q, QuerySet, Value

from offers.catalogue.models import Offer, OfferSearch
from offers.search.conditions import around
from offers.search.geometry import distance_from
from offers.search.words import Matches, TextQuery

# About an hour by road.
NEAR_KM = 50
# Some may be full: the index does not say.
SPARE = 3
# If distance does not count.
NOWHERE = Value(0.0, output_field=FloatField())


def similar_offers(offer: Offer, limit: int = 3) -> list[Offer]:
    """Return offers of this trade or title, nearest first, with posts left."""
    found: dict[str, None] = {}
    wanted = limit + SPARE
    for circle in widening(offer):
        found |= dict.fromkeys(first_of(circle, wanted, [offer.pk, *found]))
        if len(found) >= limit:
            break
    closest = list(found)[:wanted]
    offers = (
        Offer.objects.active()
        .defer("description", "details", "skills_text")
        .in_bulk(closest)
        if closest
        else {}
    )
    known = [offers[reference] for reference in closest if reference in offers]
    return [one for one in known if one.posts_left != 0][:limit]


def first_of(
    circle: Sequence[QuerySet[OfferSearch]], limit: int, known: Sequence[str]
) -> list[str]:
    """Return the best of several searches, in one query."""
    parts = [
        rows.exclude(pk__in=known)
        .annotate(rank=Value(rank))
        .values_list("rank", "far", "created_at", "offer_id")[:limit]
        for rank, rows in enumerate(circle)
    ]
    found = parts[0].union(*parts[1:], all=True)
    ordered = sorted(
        found, key=lambda row: (row[0], row[1], -row[2].timestamp(), row[3])
    )
    return [reference for *_, reference in ordered]


def widening(offer: Offer) -> Iterator[list[QuerySet[OfferSearch]]]:
    """Yield same trade and words near, then in the region."""
    rows = OfferSearch.objects.order_by()
    alike = [with_words(rows, offer.title)]
    if offer.rome_code:
        alike.insert(0, rows.filter(rome_code=offer.rome_code))
    elif offer.rome_label:
        alike.append(with_words(rows, offer.rome_label))
    around, far = surroundings(offer)
    yield [sort(rows.filter(around), far) for rows in alike]
    if offer.region:
        yield [sort(rows.filter(region=offer.region), NOWHERE) for rows in alike]


def sort(rows: QuerySet[OfferSearch], far: Expression) -> QuerySet[OfferSearch]:
    return rows.annotate(far=far).order_by("far", "-created_at", "offer_id")


def with_words(rows: QuerySet[OfferSearch], words: str) -> QuerySet[OfferSearch]:
    return rows.filter(Matches(F("vector"), TextQuery(Value(words))))


def surroundings(offer: Offer) -> tuple[Q, Expression]:
    if offer.latitude is not None and offer.longitude is not None:
        point = (offer.latitude, offer.longitude)
        return around(point, NEAR_KM), distance_from(point)
    return Q(department=offer.department), NOWHERE
