from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Protocol, cast

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from offers.catalogue.models import Offer, OfferSearch
from offers.reference.places import Area, Kind, areas_by_code
from offers.search.conditions import (
    all_of,
    of_days,
    of_needs,
    of_places,
    of_trades,
    of_words,
)
from offers.search.counting import Found, cap, find
from offers.search.criteria import LAST_PAGE, Criteria, Sort
from offers.search.geometry import Point
from offers.search.no_results import NEAREST, Proposals, find_proposals
from offers.search.order import LongList, order_of
from offers.search.words import Words
from opus.lib.database.compiled_query import VALUE, CompiledQuery
from opus.lib.web import ListPage, ListPaginator

# One word with a figure in it, as all of France Travail's numbers are.
NUMBER = re.compile(r"(?=\D*\d)[!-~]{1,20}", re.ASCII)
# What is written before a number: « l’offre n° 188 VMCV », « #188VMCV ».
BEFORE_NUMBER = re.compile(
    r"\s*(?:(?:l['’]\s*)?(?:offres?|d['’]emploi|num[ée]ro|r[ée]f[ée]rence|r[ée]f\.?"
    r"|n\s*[°º]|no\b\.?|#)[\s:]*)+",
    re.IGNORECASE,
)

# Columns that a list shows or the act matrix needs.
SHOWN = (
    *("title", "company", "contract_label", "place_label", "salary_label"),
    *("weekly_hours", "full_time", "created_at", "posts", "posts_left", "state"),
    *("published", "preselection", "delegated", "few_candidates", "accessible_th"),
    *("description", "latitude", "longitude", "commune_code"),
    # Otherwise each row would query it, to mask its texts.
    "contacts",
)


@dataclass(frozen=True, slots=True)
class Hit:
    offer: Offer
    distance_km: float | None


class Search:
    """One search, evaluated lazily."""

    def __init__(
        self, criteria: Criteria, places: Mapping[str, Area] | None = None
    ) -> None:
        """``places`` by code, if already looked up."""
        self.criteria = criteria
        is_wider = criteria.adds_trades
        self.words = Words(criteria.words, trades=criteria.trades * is_wider)
        if places is None:
            places = areas_by_code(criteria.places)
            self.words = self.words.read()
        found = [places[code] for code in criteria.places if code in places]
        self.areas = list(dict.fromkeys(found))
        self.lost_places = [code for code in criteria.places if code not in places]
        self.conditions = [
            *of_words(self.words),
            *of_places(self.areas, criteria.radius),
            *([] if is_wider else of_trades(criteria.trades)),
            *of_needs(criteria.conditions),
            *of_days(criteria.days),
        ]

    @property
    def has_words(self) -> bool:
        return not self.words.say_nothing

    @property
    def centres(self) -> list[Point]:
        return [
            area.point
            for area in self.areas
            if area.kind == Kind.COMMUNE and area.point
        ]

    @property
    def sort(self) -> Sort:
        if self.wanted_sort == Sort.RELEVANCE and not self.has_words:
            return Sort.DATE
        return self.wanted_sort

    @property
    def wanted_sort(self) -> Sort:
        """Return the address's order, else relevance, else date."""
        wanted = self.criteria.sort
        if wanted == Sort.DISTANCE and self.centres:
            return wanted
        if wanted != Sort.DATE and self.criteria.words:
            return Sort.RELEVANCE
        return Sort.DATE

    def matches(self) -> QuerySet[OfferSearch]:
        return OfferSearch.objects.filter(all_of(self.conditions)).order_by()

    @cached_property
    def found(self) -> Found:
        order = order_of(self.wanted_sort, self.words, self.centres)
        # Walks give the page of a longer list.
        walks = bool(self.words.trades) or not self.has_words
        is_far = self.wanted_sort == Sort.DISTANCE
        for_count = walks and not is_far
        return find(self.conditions, order, self.criteria.page, for_count=for_count)

    @property
    def count(self) -> int:
        return min(self.found.count, cap())

    @property
    def is_capped(self) -> bool:
        return self.found.is_capped

    def page(self) -> ListPage:
        size = settings.SEARCH_PAGE_SIZE
        paginator = ListPaginator(range(min(self.count, LAST_PAGE * size)), size)
        page = cast(ListPage, paginator.get_page(self.criteria.page))
        # The last page ends at the cap.
        offset = (page.number - 1) * size
        size = min(size, self.count - offset)
        rows = self.found.page[:size]
        if not self.found.is_whole:
            matches = LongList(
                self.conditions, self.sort, self.words, self.centres, self.found
            )
            rows = matches.page(offset, size)
        page.object_list = hits(rows)
        return page

    @cached_property
    def proposals(self) -> Proposals:
        return find_proposals(self.criteria, self.areas, self.conditions)

    @cached_property
    def nearest(self) -> list[Hit]:
        """Return a few offers that lack one condition, the nearest first."""
        way = self.proposals.same_job
        # Another spelling comes first.
        if self.proposals.spellings or not way:
            return []
        sort = Sort.DISTANCE if self.centres else self.sort
        order = order_of(sort, self.words, self.centres)
        found = find(way.conditions, order, page=1, for_count=False)
        if found.is_whole:
            return hits(found.page[:NEAREST])
        matches = LongList(way.conditions, sort, self.words, self.centres, found)
        return hits(matches.page(0, NEAREST))


class Numbered(Protocol):
    @property
    def pk(self) -> str: ...


def hits(rows: Iterable[Numbered]) -> list[Hit]:
    """Return the offers of these rows, without those withdrawn since."""
    rows = list(rows)
    if not rows:
        return []
    offers = {one.pk: one for one in shown().rows([row.pk for row in rows])}
    return [
        Hit(offers[row.pk], getattr(row, "distance_km", None))
        for row in rows
        if row.pk in offers
    ]


@cache
def shown() -> CompiledQuery[Offer]:
    numbers = RawSQL("SELECT unnest(%s::text[])", VALUE.params)
    return CompiledQuery(Offer.objects.active().filter(pk__in=numbers), fields=SHOWN)


def matches_of(searches: Sequence[Criteria]) -> list[QuerySet[OfferSearch]]:
    """Return each search's open offers, lazily."""
    places = areas_by_code(sorted({code for each in searches for code in each.places}))
    return [Search(each, places).matches() for each in searches]


def find_by_number(text: str) -> Offer | None:
    """Return the live offer of a number, typed with « n° » or spaces."""
    number = number_in(text)
    if not NUMBER.fullmatch(number):
        return None
    return Offer.objects.active().filter(pk__in={number, number.upper()}).first()


def number_in(text: str) -> str:
    """Return a number as offers have it: « n° 188 VMCV » is 188VMCV."""
    before = BEFORE_NUMBER.match(text)
    return "".join(text[before.end() if before else 0 :].split())
