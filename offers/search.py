"""Finds the active offers that answer a search, counts them and tells them apart.

Reads the narrow table of ``OfferSearch``, which has active offers only: what France
Travail withdrew stands in no list, count or facet from that instant (R1, art. 3.1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import cast

from django.conf import settings
from django.contrib.postgres.search import SearchQueryField, SearchRank
from django.db import connection
from django.db.models import (
    BooleanField,
    Count,
    F,
    Func,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.expressions import Combinable, OrderBy
from django.db.models.functions import Floor, Least
from django.utils import timezone

from offers.criteria import LAST_PAGE, Criteria, Sort
from offers.filters import FILTERS, Filter, Option
from offers.geometry import Point, distance_from, within
from offers.models import Offer, OfferSearch
from offers.places import Area, Kind, areas_by_code
from opus.lib.pagination import ListPage, ListPaginator

# What a word is worth in skills and text (D), skills (C), trade and company (B),
# title (A); Django's order is D, C, B, A.
WEIGHTS = [0.02, 0.1, 0.4, 1.0]
# Ranks closer than this are equal, so that the newer offer comes first.
RANK_STEPS = 10
# Choices of one filter: beyond the first figure the rare ones fold, beyond the second
# the whole filter does.
LEAST_IN_SIGHT = 4
MOST_IN_SIGHT = 15


class Question(Func):
    """Words as a search query: French stems, accents ignored, all of them wanted."""

    function = "opus_query"
    output_field = SearchQueryField()


class Answers(Func):
    """Whether a vector holds what a search query wants."""

    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()


class TitleOf(Func):
    """The part of a vector that comes from title and appellation."""

    template = "ts_filter(%(expressions)s, '{a}')"
    output_field = TextField()


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a filter as the page shows it."""

    option: Option
    count: int
    is_chosen: bool

    @property
    def is_idle(self) -> bool:
        """Whether choosing it would leave nothing."""
        return not self.count and not self.is_chosen


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter with its choices, counted in the light of all the other filters."""

    filter: Filter
    choices: list[Choice]

    @property
    def chosen(self) -> int:
        return sum(choice.is_chosen for choice in self.choices)

    @property
    def is_long(self) -> bool:
        """Whether it has more choices than one reads over: the page folds it."""
        return len(self.choices) > MOST_IN_SIGHT

    @property
    def shown(self) -> list[Choice]:
        """The choices in sight: the first few, and those that would leave something."""
        if len(self.choices) <= LEAST_IN_SIGHT:
            return self.choices
        return [
            choice
            for rank, choice in enumerate(self.choices)
            if rank < LEAST_IN_SIGHT or not choice.is_idle
        ]

    @property
    def folded(self) -> list[Choice]:
        """The others, all without an offer."""
        shown = self.shown
        return [choice for choice in self.choices if choice not in shown]


@dataclass(frozen=True, slots=True)
class Hit:
    """One offer of the list, with its distance where the search has a centre."""

    offer: Offer
    distance_km: float | None


class Search:
    """One search being answered: its places looked up once, its questions in order."""

    def __init__(self, criteria: Criteria) -> None:
        self.criteria = criteria
        places = areas_by_code(criteria.places)
        self.areas = list(dict.fromkeys(places.values()))
        self.lost_places = [code for code in criteria.places if code not in places]
        self.has_words = bool(criteria.words) and says_something(criteria.words)
        self.count, self.choice_counts = self.count_by_choices()

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
        """The order asked for, else the one that fits what was asked."""
        wanted = self.criteria.sort
        if wanted == Sort.DISTANCE and self.centres:
            return wanted
        if wanted != Sort.DATE and self.has_words:
            return Sort.RELEVANCE
        return Sort.DATE

    @property
    def question(self) -> Question:
        return Question(Value(self.criteria.words))

    def before_choices(self) -> QuerySet[OfferSearch]:
        """The offers that words, places, trades and date leave."""
        offers = OfferSearch.objects.all()
        criteria = self.criteria
        if self.has_words:
            offers = offers.filter(Answers(F("vector"), self.question))
        if self.areas:
            offers = offers.filter(
                reduce(or_, (in_area(area, criteria.radius) for area in self.areas))
            )
        if criteria.trades:
            offers = offers.filter(rome_code__in=criteria.trades)
        if criteria.days:
            since = timezone.now() - timedelta(days=criteria.days)
            offers = offers.filter(created_at__gte=since)
        for rows in criteria.conditions.values():
            offers = offers.filter(rows)
        return offers

    def matches(self) -> QuerySet[OfferSearch]:
        """The offers that answer every filter, in no order."""
        offers = self.before_choices()
        for each in FILTERS:
            if stored := self.stored(each):
                offers = offers.filter(Q((f"{each.column}__in", stored)))
        return offers

    def stored(self, each: Filter) -> list[object]:
        """What the table holds for the choices made in a filter."""
        values = self.criteria.chosen.get(each.name, ())
        return [option.stored for option in each.options if option.value in values]

    # --- Counts ------------------------------------------------------------------

    def count_by_choices(self) -> tuple[int, list[Counter[object]]]:
        """(how many offers, how many for each choice in the light of the others).

        One pass of the database groups the offers by their combination of choices. A
        combination that all filters accept counts everywhere; one that a single filter
        rejects counts there alone, for what choosing it would bring.
        """
        columns = [each.column for each in FILTERS]
        cells = (
            self.before_choices()
            .order_by()
            .values_list(*columns)
            .annotate(number=Count("*"))
        )
        wanted = [self.stored(each) for each in FILTERS]
        total = 0
        counts: list[Counter[object]] = [Counter() for _ in FILTERS]
        for *cell, number in cells:
            pairs = enumerate(zip(cell, wanted, strict=True))
            rejects = [i for i, (value, those) in pairs if those and value not in those]
            if not rejects:
                total += number
            if len(rejects) < 2:
                for i in rejects or range(len(FILTERS)):
                    counts[i][cell[i]] += number
        return total, counts

    def facets(self) -> list[Facet]:
        """Every filter, each choice with the offers that it would leave."""
        facets = []
        for each, counts in zip(FILTERS, self.choice_counts, strict=True):
            chosen = self.criteria.chosen.get(each.name, ())
            choices = [
                Choice(option, counts[option.stored], option.value in chosen)
                for option in each.options
            ]
            facets.append(Facet(each, choices))
        return facets

    # --- The list ----------------------------------------------------------------

    def ordered(self) -> QuerySet[OfferSearch]:
        """The matches in a total order, so that no offer stands on two pages."""
        offers = self.matches().only("pk")
        if self.centres:
            offers = offers.annotate(distance_km=self.distance())
        by_date: list[str | OrderBy] = ["-created_at", "offer_id"]
        if self.sort == Sort.DISTANCE:
            nearest = F("distance_km").asc(nulls_last=True)
            return offers.order_by(nearest, *by_date)
        if self.sort == Sort.RELEVANCE:
            rank = SearchRank(F("vector"), self.question, weights=WEIGHTS)
            in_title = Answers(TitleOf(F("vector")), self.question)
            return offers.annotate(rank=Floor(rank * RANK_STEPS)).order_by(
                in_title.desc(), "-rank", *by_date
            )
        return offers.order_by(*by_date)

    def distance(self) -> Combinable:
        """Kilometres to the nearest of the communes searched around."""
        distances = [distance_from(point) for point in self.centres]
        return Least(*distances) if len(distances) > 1 else distances[0]

    def page(self) -> ListPage:
        """The page that was asked for, or the last one there is."""
        paginator = CountedPaginator(
            self.ordered(), settings.SEARCH_PAGE_SIZE, count=self.count
        )
        page = cast(ListPage, paginator.get_page(self.criteria.page))
        page.object_list = hits(page.object_list) if self.count else []
        return page

    def direct_hit(self) -> Offer | None:
        """The active offer whose number was typed as the question."""
        return find_by_number(self.criteria.words)


class CountedPaginator(ListPaginator):
    """A paginator that was told the count, and goes no deeper than people read."""

    def __init__(
        self, offers: QuerySet[OfferSearch], per_page: int, *, count: int
    ) -> None:
        super().__init__(offers, per_page)
        self.count = min(count, LAST_PAGE * per_page)


def says_something(words: str) -> bool:
    """Whether a question has a word that the search knows: « de la » has none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT numnode(opus_query(%s)) > 0", [words])
        return bool(cursor.fetchone()[0])


def in_area(area: Area, radius_km: int) -> Q:
    """The offers of a place; around a commune, those within the radius of its point."""
    if area.kind == Kind.DEPARTMENT:
        return Q(department=area.code)
    if area.kind == Kind.REGION:
        return Q(region=area.code[1:])
    if radius_km and area.point:
        return within(area.point, radius_km)
    return Q(commune_code__in=area.communes)


def hits(rows: Iterable[OfferSearch]) -> list[Hit]:
    """The offers of these rows, in their order; one withdrawn meanwhile is left out."""
    rows = list(rows)
    # The long texts stay behind: a list shows none of them.
    offers = (
        Offer.objects.active()
        .defer("description", "details", "skills_text")
        .in_bulk([row.pk for row in rows])
    )
    return [
        Hit(offers[row.pk], getattr(row, "distance_km", None))
        for row in rows
        if row.pk in offers
    ]


def find_by_number(text: str) -> Offer | None:
    """The active offer of this number, whatever the case it was typed in."""
    number = text.strip()
    if not number or len(number) > 20 or not number.isascii():
        return None
    return Offer.objects.active().filter(pk__in={number, number.upper()}).first()
