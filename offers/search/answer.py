"""One search being answered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Protocol, cast

from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.expressions import RawSQL

from offers.criteria import LAST_PAGE, Criteria, Sort
from offers.geometry import Point
from offers.models import Offer, OfferSearch
from offers.places import Area, Kind, areas_by_code
from offers.search.conditions import (
    Condition,
    all_of,
    of_choices,
    of_days,
    of_needs,
    of_places,
    of_trades,
    of_words,
)
from offers.search.counting import Order, Pass, cap, look_at_accepted, look_at_all
from offers.search.facets import Counts, Facet
from offers.search.order import LongList, distance_to, order_of, tier_of
from offers.search.rescue import WaysOut, find_ways_out
from offers.search.words import Words
from opus.lib.compiled import VALUE, CompiledQuery
from opus.lib.pagination import ListPage, ListPaginator

# One word with a figure in it, as all of France Travail's numbers are.
NUMBER = re.compile(r"(?=\D*\d)[!-~]{1,20}", re.ASCII)

# What a list tells of an offer, and what the act matrix asks of it.
SHOWN = (
    *("title", "company", "contract_label", "place_label", "salary_label"),
    *("weekly_hours", "full_time", "created_at", "posts", "posts_left", "state"),
    *("published", "preselection", "delegated", "few_candidates", "accessible_th"),
    # Without it each row would read it, to mask its texts.
    "contacts",
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One offer of the list, with its distance where the search has a centre."""

    offer: Offer
    distance_km: float | None


class Search:
    """One search: its places and words looked up once, its questions in order."""

    def __init__(
        self, criteria: Criteria, places: Mapping[str, Area] | None = None
    ) -> None:
        """``places`` by code, where many searches had them looked up together."""
        self.criteria = criteria
        self.words = Words(criteria.words)
        if places is None:
            places = areas_by_code(criteria.places)
            self.words = self.words.read()
        found = [places[code] for code in criteria.places if code in places]
        self.areas = list(dict.fromkeys(found))
        self.lost_places = [code for code in criteria.places if code not in places]
        self.base = self.read_base()
        self.choices = of_choices(criteria)

    def read_base(self) -> list[Condition]:
        """What is asked beside the counted choices."""
        criteria = self.criteria
        return [
            *of_words(self.words),
            *of_places(self.areas, criteria.radius),
            *of_trades(criteria.trades),
            *of_needs(criteria.conditions),
            *of_days(criteria.days),
        ]

    @property
    def conditions(self) -> list[Condition]:
        return [*self.base, *self.choices]

    @property
    def has_words(self) -> bool:
        """Whether the question has a word that the search knows."""
        return not self.words.say_nothing

    @property
    def centres(self) -> list[Point]:
        """The points of the communes searched around."""
        return [
            area.point
            for area in self.areas
            if area.kind == Kind.COMMUNE and area.point
        ]

    @property
    def sort(self) -> Sort:
        """The order of the list."""
        if self.asked_sort == Sort.RELEVANCE and not self.has_words:
            return Sort.DATE
        return self.asked_sort

    @property
    def asked_sort(self) -> Sort:
        """The order asked for, else the one that fits what was asked; by relevance to
        words that say nothing is by date.
        """
        wanted = self.criteria.sort
        if wanted == Sort.DISTANCE and self.centres:
            return wanted
        if wanted != Sort.DATE and self.criteria.words:
            return Sort.RELEVANCE
        return Sort.DATE

    # --- As a set, for whoever looks at all of it ------------------------------------

    def matches(self) -> QuerySet[OfferSearch]:
        """The offers that answer every filter, in no order."""
        return OfferSearch.objects.filter(all_of(self.conditions)).order_by()

    def ordered(self) -> QuerySet[OfferSearch]:
        """The matches in a total order, so that no offer stands on two pages."""
        offers = self.matches().only("pk")
        if self.centres:
            offers = offers.annotate(distance_km=distance_to(self.centres))
        if self.asked_sort == Sort.DISTANCE:
            nearest = F("distance_km").asc(nulls_last=True)
            return offers.order_by(nearest, "-created_at", "offer_id")
        if self.asked_sort == Sort.RELEVANCE:
            tier = tier_of(self.words)
            return offers.alias(tier=tier).order_by("tier", "-created_at", "offer_id")
        return offers.order_by("-created_at", "offer_id")

    # --- Counts ------------------------------------------------------------------

    @cached_property
    def sample(self) -> Pass:
        """The pass over what words, places, trades and date leave."""
        return look_at_all(self.base, self.choices, self.order, self.criteria.page)

    @cached_property
    def accepted(self) -> Pass | None:
        """The pass over what all filters accept, where that base is too large."""
        if self.sample.is_whole or not self.choices:
            return None
        return look_at_accepted(
            self.base, self.choices, self.order, self.criteria.page, self.sample
        )

    @property
    def order(self) -> Order:
        return order_of(self.asked_sort, self.words, self.centres)

    @property
    def decisive(self) -> Pass:
        return self.accepted or self.sample

    @property
    def count(self) -> int:
        """How many offers there are; the most that is counted, if there are more."""
        return self.decisive.totals[0] if self.decisive.is_whole else cap()

    @property
    def is_capped(self) -> bool:
        """Whether there are more than ``count``."""
        return not self.decisive.is_whole

    def facets(self) -> list[Facet]:
        """Every filter, each choice with the offers that it would leave."""
        return Counts(self.sample, self.accepted, self.choices).facets(self.criteria)

    # --- The list ----------------------------------------------------------------

    def page(self) -> ListPage:
        """The page that was asked for, or the last one there is."""
        size = settings.SEARCH_PAGE_SIZE
        paginator = ListPaginator(range(min(self.count, LAST_PAGE * size)), size)
        page = cast(ListPage, paginator.get_page(self.criteria.page))
        rows = self.decisive.page
        if self.is_capped:
            offset = (page.number - 1) * size
            rows = self.long_list().page(offset, min(size, self.count - offset))
        page.object_list = hits(rows)
        return page

    @cached_property
    def ways_out(self) -> WaysOut:
        """What would find something, where this found nothing."""
        return find_ways_out(self.criteria, self.areas, self.conditions)

    def long_list(self) -> LongList:
        return LongList(
            conditions=self.conditions,
            sort=self.sort,
            words=self.words,
            centres=self.centres,
            sample=self.decisive,
        )

    def direct_hit(self) -> Offer | None:
        """The active offer whose number was typed as the question."""
        return find_by_number(self.criteria.words)


class Found(Protocol):
    """A row of the search, or what else stands for an offer."""

    @property
    def pk(self) -> str: ...


def hits(rows: Iterable[Found]) -> list[Hit]:
    """The offers of these rows, in their order; one withdrawn meanwhile is left out."""
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
    """Active offers by their numbers, with the fields of a list."""
    numbers = RawSQL("SELECT unnest(%s::text[])", VALUE.params)
    return CompiledQuery(Offer.objects.active().filter(pk__in=numbers), fields=SHOWN)


def matches_of(searches: Sequence[Criteria]) -> list[QuerySet[OfferSearch]]:
    """Return the open offers of each search, as lazy queries.

    The places of all are looked up at once; nothing is counted.
    """
    places = areas_by_code(sorted({code for each in searches for code in each.places}))
    return [Search(each, places).matches() for each in searches]


def find_by_number(text: str) -> Offer | None:
    """The active offer of this number, whatever the case it was typed in."""
    number = text.strip()
    if not NUMBER.fullmatch(number):
        return None
    return Offer.objects.active().filter(pk__in={number, number.upper()}).first()
