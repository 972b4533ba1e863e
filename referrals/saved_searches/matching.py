"""The offers of many saved searches, in few statements.

The searches come from ``with_criteria``. One with unknown criteria finds nothing.
"""

import dataclasses
import datetime as dt
import functools
import operator
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import batched
from typing import Any
from uuid import UUID

from django.db.models import Count, IntegerField, Q, QuerySet, Value

from offers.catalogue.models import Offer, OfferSearch
from offers.reference.places import areas_by_code
from offers.search.criteria import Criteria, Labels, unread_of
from offers.search.results import matches_of
from referrals.saved_searches.models import LONGEST_NAME, MOST_NEWS, SavedSearch

# Offers of one search on the page of a person; the list of offers has the others.
SHOWN = 20
# Searches per statement: PostgreSQL plans it as a whole.
AT_ONCE = 100
Offers = QuerySet[OfferSearch]


def with_criteria(searches: Iterable[SavedSearch]) -> list[SavedSearch]:
    """Add its criteria to each search (``criteria``, ``unread``)."""
    searches = list(searches)
    for search in searches:
        search.criteria = Criteria.from_text(search.query)
    areas = areas_by_code([code for one in searches for code in one.criteria.places])
    for search in searches:
        search.unread = unread_of(search.criteria, areas)
    return searches


def put_in_words(searches: Iterable[SavedSearch]) -> list[SavedSearch]:
    """Add the criteria in words to each search (``parts``) too."""
    searches = with_criteria(searches)
    dictionary = Labels(search.criteria for search in searches)
    for search in searches:
        search.parts = dictionary.parts(search.criteria)
    return searches


def propose_name(criteria: Criteria) -> str:
    """Return a name made of the criteria, cut to fit."""
    name = ""
    for part in Labels([criteria]).parts(criteria):
        longer = f"{name}, {part.strip('« »')}" if name else part.strip("« »")
        if len(longer) > LONGEST_NAME:
            # Of a trade with a long label alone, its beginning.
            return name or shorten(longer)
        name = longer
    return name or criteria.words[:LONGEST_NAME].strip()


def shorten(label: str) -> str:
    """Return the beginning of a label, cut between two words."""
    kept = label[: LONGEST_NAME - 1]
    whole, space, _ = kept.rpartition(" ")
    return f"{(whole if space else kept).rstrip(' ,;:/(-–')}…"


def offers_of(searches: Iterable[SavedSearch]) -> dict[UUID, Offers]:
    """Return the open offers of each search, as lazy queries."""
    sound = [search for search in searches if search.is_sound]
    offers = matches_of([search.criteria.changed(days=None) for search in sound])
    return {search.pk: each for search, each in zip(sound, offers, strict=True)}


def new_offers_of(
    searches: Sequence[SavedSearch],
    since: Callable[[SavedSearch], dt.datetime],
    until: dt.datetime | None = None,
) -> dict[UUID, Offers]:
    """Return those that came in within these instants."""
    offers = offers_of(searches)
    for search in searches:
        if search.pk in offers:
            new = offers[search.pk].filter(appeared_at__gte=since(search))
            offers[search.pk] = new.filter(appeared_at__lt=until) if until else new
    return offers


def rows_of(queries: Iterable[QuerySet[Any, Any]]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of all, ``AT_ONCE`` queries per statement."""
    for first, *others in batched(queries, AT_ONCE):
        yield from first.union(*others, all=True) if others else first


def any_of(offers: Sequence[Offers]) -> Offers:
    if len(offers) == 1:
        return offers[0]
    any_query = (Q(pk__in=each.order_by().values("pk")) for each in offers)
    return OfferSearch.objects.filter(functools.reduce(operator.or_, any_query))


def numbered(offers: Iterable[Sequence[Offers]]) -> Iterator[Any]:
    """Yield one query per group, with its index as ``group``."""
    for number, group in enumerate(offers):
        query = any_of(group).order_by()
        yield query.annotate(group=Value(number, IntegerField()))


def count_new(searches: Sequence[SavedSearch]) -> None:
    """Set ``news`` on each: since the last visit."""
    new = new_offers_of(searches, lambda one: one.opened_at)
    count_up_to(MOST_NEWS + 1, searches, new)


def count_up_to(
    most: int, searches: Sequence[SavedSearch], offers: dict[UUID, Offers]
) -> None:
    groups = numbered([each] for each in offers.values())
    counts = Counter(rows_of(query.values_list("group")[:most] for query in groups))
    news = {pk: counts[(number,)] for number, pk in enumerate(offers)}
    for search in searches:
        search.news = news.get(search.pk, 0)


@dataclasses.dataclass(frozen=True)
class News:
    """Counts of new offers: all, unpublished, with few candidates."""

    offers: int
    unpublished: int
    few_candidates: int


def count_all(groups: Collection[Sequence[Offers]]) -> list[News]:
    """Count the new offers of each group, without duplicates."""
    counted = (
        query.values("group")
        .annotate(
            offers=Count("pk"),
            unpublished=Count("pk", filter=Q(published=False)),
            few_candidates=Count("pk", filter=Q(few_candidates=True)),
        )
        .values_list("group", "offers", "unpublished", "few_candidates")
        for query in numbered(groups)
    )
    news = {number: News(*counts) for number, *counts in rows_of(counted)}
    return [news.get(number, News(0, 0, 0)) for number in range(len(groups))]


def count_new_together(searches: Sequence[SavedSearch]) -> int:
    """Count the news for one person, at most 100."""
    offers = list(new_offers_of(searches, lambda one: one.opened_at).values())
    return any_of(offers)[: MOST_NEWS + 1].count() if offers else 0


def find_latest(searches: Sequence[SavedSearch]) -> int:
    """Set ``found`` on each: its latest offers, new ones marked.

    Returns how many distinct offers shown are new.
    """
    offers = offers_of(searches)
    by_number = dict(enumerate(offers))
    latest = (
        query.order_by("-appeared_at", "pk").values_list("group", "pk", "appeared_at")[
            : SHOWN + 1
        ]
        for query in numbered([each] for each in offers.values())
    )
    rows: dict[UUID, list[tuple[str, dt.datetime]]] = defaultdict(list)
    for number, reference, appeared_at in rows_of(latest):
        rows[by_number[number]].append((reference, appeared_at))
    references = {reference for those in rows.values() for reference, _ in those}
    shown = (
        Offer.objects.active()
        .defer("description", "details", "skills_text")
        .in_bulk(references)
    )
    new: set[str] = set()
    for search in searches:
        those = sorted(rows[search.pk], key=lambda row: (-row[1].timestamp(), row[0]))
        search.has_more = len(those) > SHOWN
        # One withdrawn between the two statements is left out (R1).
        search.found = [
            (shown[reference], appeared_at >= search.new_since)
            for reference, appeared_at in those[:SHOWN]
            if reference in shown
        ]
        fresh = {offer.pk for offer, is_new in search.found if is_new}
        search.news = len(fresh)
        new |= fresh
    return len(new)
