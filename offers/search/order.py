"""Sort a list; page a search too large to sort.

Tiers of relevance: all words in title and appellation, first those of a trade added to
the words; others of that trade; all words with the label of the trade and the company;
anywhere, by rank if few. Then by date; the number breaks ties, so that no offer is on
two pages. An everyday word stands in titles of other trades by chance (« compta »,
« grands comptes »): they come after its trade.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from math import inf
from operator import or_
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Exists, FloatField, Q, QuerySet, SmallIntegerField, Value
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.functions import Least

from offers.catalogue.models import OfferSearch
from offers.search.conditions import Condition, all_of, around, has_index, of_trades
from offers.search.counting import NEWEST, Found, Order, Row
from offers.search.criteria import Sort
from offers.search.geometry import Point, distance_from
from offers.search.models import EverydayWord
from offers.search.words import Words

BY_DATE = "created_at DESC, offer_id"
NO_WORDS = Words("")
# A walk that needs the index alone, and no vectors, is so many times as quick.
INDEX_ALONE = 10
# Within a tier of a short list, offers farther from the place come after.
NEAR_KM = 20
TABLE = '"offers_offersearch"'
TIER = (
    f"CASE WHEN {TABLE}.vector @@ %s::tsquery THEN 0"
    f" WHEN {TABLE}.vector @@ %s::tsquery THEN 3 ELSE 4 END"
)
TIER_WITH_TRADES = (
    f"CASE WHEN {TABLE}.vector @@ %s::tsquery"
    f" THEN CASE WHEN {TABLE}.rome_code = ANY(%s::text[]) THEN 0"
    " WHEN EXISTS (SELECT FROM offers_everydayword WHERE key = %s) THEN 3 ELSE 1 END"
    f" WHEN {TABLE}.rome_code = ANY(%s::text[]) THEN 2"
    f" WHEN {TABLE}.vector @@ %s::tsquery THEN 3 ELSE 4 END"
)


def order_of(sort: Sort, words: Words, centres: Sequence[Point]) -> Order:
    sql = {
        Sort.DATE: BY_DATE,
        Sort.RELEVANCE: f"tier, {BY_DATE}",
        Sort.DISTANCE: f"far NULLS LAST, {BY_DATE}",
    }[sort]
    ranked = words if sort == Sort.RELEVANCE else NO_WORDS
    reading = ranked.read().reading
    if reading is None or not reading.anywhere:
        return Order(sql, tier_of(ranked), distance_to(centres))
    is_short = "(SELECT count(*) FROM found) <= {cap}"
    near = f"far > {NEAR_KM} AND {is_short}, " if centres else ""
    by_rank = f"tier, {near}rank DESC NULLS LAST, {BY_DATE}"
    return Order(by_rank, tier_of(ranked), distance_to(centres), reading.anywhere)


def tier_of(words: Words) -> Combinable:
    """Return raw SQL: the ORM took a millisecond a page."""
    reading = words.read().reading
    if reading is None or words.say_nothing:
        return Value(0, SmallIntegerField())
    if not words.trades:
        return RawSQL(TIER, [reading.title, reading.names])  # noqa: S611 - idem
    trades = list(words.trades)
    parameters = [reading.title, trades, reading.stem, trades, reading.names]
    return RawSQL(TIER_WITH_TRADES, parameters)  # noqa: S611 - a text of ours


def distance_to(centres: Sequence[Point]) -> Combinable:
    distances = [distance_from(point) for point in centres]
    if not distances:
        return Value(None, FloatField())
    return Least(*distances) if len(distances) > 1 else distances[0]


@dataclass(frozen=True, slots=True)
class LongList:
    conditions: Sequence[Condition]
    sort: Sort
    words: Words
    centres: Sequence[Point]
    # What a sample proved, or the first rows.
    found: Found

    def page(self, offset: int, size: int) -> list[Row]:
        if self.sort == Sort.DISTANCE:
            return self.nearest(offset, size)
        if self.sort == Sort.RELEVANCE:
            return self.most_relevant(offset, size)
        return self.newest(Q(), Q(), offset, size, self.found.rows)

    # --- By date -----------------------------------------------------------------

    def newest(
        self, by_row: Q, by_index: Q, offset: int, size: int, met: int
    ) -> list[Row]:
        """Return a page by date: a walk, else a sort.

        ``met``: how many of the rows read are wanted.
        """
        rows: list[Row] = []
        if self.is_walk_shorter(met, met, offset + size):
            rows = self.walk(by_row, offset, size)
        return rows if len(rows) == size else self.sort_all(by_index, offset, size)

    def is_walk_shorter(self, met: int, sorted_rows: int, wanted: int) -> bool:
        """Estimate whether a walk along the dates reads fewer rows than a sort."""
        if not has_index(self.conditions):
            return True
        weight = self.found.weight
        walked = self.found.table_size * wanted / (met * weight) if met else inf
        if self.words.say_nothing:
            walked /= INDEX_ALONE
        return walked <= sorted_rows * weight

    def walk(
        self,
        wanted: Q,
        offset: int,
        size: int,
        newest: str = f"SELECT * FROM {TABLE} ORDER BY {BY_DATE} LIMIT %s",  # noqa: S608
        newest_params: Sequence[Any] = (),
    ) -> list[Row]:
        """Return what is wanted among the newest offers, of all or some."""
        rows = OfferSearch.objects.filter(all_of(self.conditions, by_row=True), wanted)
        sql, params = self.listed(rows.order_by(*NEWEST))
        head, _, tail = sql.partition(f"FROM {TABLE}")
        before = head.count("%s")
        among = newest_params or [settings.SEARCH_WALK]
        return execute(
            f"{head} FROM ({newest}) {TABLE} {tail} LIMIT %s OFFSET %s",
            [*params[:before], *among, *params[before:], size, offset],
        )

    def sort_all(
        self, wanted: Q, offset: int, size: int, order: str = BY_DATE
    ) -> list[Row]:
        rows = OfferSearch.objects.filter(all_of(self.conditions), wanted).order_by()
        sql, params = self.listed(rows)
        return execute(
            f"WITH found (offer_id, far, created_at, tier) AS MATERIALIZED ({sql})"  # noqa: S608
            f" SELECT offer_id, far FROM found ORDER BY {order} LIMIT %s OFFSET %s",
            [*params, size, offset],
        )

    def listed(self, rows: QuerySet[OfferSearch]) -> tuple[str, tuple[Any, ...]]:
        columns = rows.annotate(
            far=distance_to(self.centres), tier=tier_of(self.words)
        ).values_list("offer_id", "far", "created_at", "tier")
        return columns.query.sql_with_params()

    # --- By distance -------------------------------------------------------------

    def nearest(self, offset: int, size: int) -> list[Row]:
        """Return a page by distance; the sample bounds the radius."""
        seen = self.found.page[:size]
        farthest = seen[-1].distance_km if len(seen) == size else None
        near = Q()
        if farthest is not None:
            for centre in self.centres:
                near |= around(centre, farthest)
        return self.sort_all(near, offset, size, f"far NULLS LAST, {BY_DATE}")

    # --- By relevance ------------------------------------------------------------

    def most_relevant(self, offset: int, size: int) -> list[Row]:
        """Return a page by tiers: along dates where that is shorter, else sorted."""
        found, words = self.found, self.words
        others = [each for each in self.conditions if each.name != "q"]
        rest = replace(self, conditions=others)
        rows: list[Row] = []
        if words.trades:
            rows = rest.first_of_trades(offset, size)
        elif self.is_walk_shorter(found.titled, found.named, offset + size):
            rows = rest.walk(words.in_title, offset, size)
        if len(rows) == size:
            return rows
        if found.are_few:
            return self.sort_all(Q(), offset, size, f"tier, {BY_DATE}")
        trades = of_trades(words.trades)
        by_index = reduce(or_, [one.by_index for one in trades if one.by_index], Q())
        # Led by one index, as the words alone.
        first = words.in_names_by_index | by_index
        rows, count = rest.list_tiers(first, offset, size)
        if missing := size - len(rows):
            elsewhere = ~words.in_names
            if trades:
                elsewhere &= ~Q(rome_code__in=words.trades)
            late = found.rows - found.named
            at = max(0, offset - count)
            rows += self.newest(elsewhere, elsewhere, at, missing, late)
        return rows

    def first_of_trades(self, offset: int, size: int) -> list[Row]:
        """Return a page of the first tiers, maybe shorter: title, then trade."""
        found, words = self.found, self.words
        if found.titled * found.weight >= 2 * (offset + size):
            return self.walk_trades(words.in_title, offset, size)
        titled = words.in_names_by_index & words.in_title & self.are_ahead
        rows, count = self.list_tiers(titled, offset, size)
        if missing := size - len(rows):
            at = max(0, offset - count)
            rows += self.walk_trades(~words.in_title, at, missing)
        return rows

    @property
    def are_ahead(self) -> Q:
        """Match titles that come before the others of the trades."""
        stem = self.words.reading.stem if self.words.reading else None
        is_everyday = Exists(EverydayWord.objects.filter(key=stem))
        return Q(rome_code__in=self.words.trades) | ~Q(is_everyday)

    def walk_trades(self, wanted: Q, offset: int, size: int) -> list[Row]:
        """Return offers of the trades, along their dates."""
        of_one = f"SELECT * FROM {TABLE} WHERE rome_code = %s"  # noqa: S608
        first = f"ORDER BY {BY_DATE} LIMIT %s"
        trades = self.words.trades
        parts = " UNION ALL ".join([f"({of_one} {first})"] * len(trades))
        newest = f"SELECT * FROM ({parts}) AS mixed {first}"  # noqa: S608
        most = settings.SEARCH_WALK
        params = [part for code in trades for part in (code, most)]
        return self.walk(wanted, offset, size, newest, [*params, most])

    def list_tiers(self, wanted: Q, offset: int, size: int) -> tuple[list[Row], int]:
        """Return (the page sorted by tier, number of rows)."""
        rows = OfferSearch.objects.filter(all_of(self.conditions), wanted).order_by()
        sql, params = self.listed(rows)
        statement = f"""
            WITH found (offer_id, far, created_at, tier) AS MATERIALIZED ({sql}),
            page AS (
                SELECT offer_id, far FROM found
                ORDER BY tier, {BY_DATE} LIMIT %s OFFSET %s
            )
            SELECT (SELECT count(*) FROM found),
                (SELECT json_agg(json_build_array(offer_id, far)) FROM page)
        """  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(statement, [*params, size, offset])
            count, page = cursor.fetchone()
        return [Row(*row) for row in page or ()], count


def execute(statement: str, params: Sequence[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return [Row(pk, far) for pk, far, *_ in cursor.fetchall()]
