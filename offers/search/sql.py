"""Count a search up to the cap, and list a page of it in its order.

A random sample that proves more than ``SEARCH_COUNT_CAP`` offers is enough. Else all of
them are read, for count and page: hardly more than the cap.

Tiers of relevance: all words in title and appellation, first those of a trade added to
the words; others of that trade; all words with the label of the trade and the company;
anywhere, by rank if few. Then by date; the number breaks ties, so that no offer is on
two pages. An everyday word stands in titles of other trades by chance (« compta »,
« grands comptes »): they come after its trade.

The first statement may go to a replica that has all that the primary has (ADR 26).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from math import ceil, inf, sqrt
from operator import or_
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import FullResultSet
from django.db import Error, connection, connections
from django.db.models import Exists, Q
from prometheus_client import Counter

from offers.catalogue.models import OfferSearch
from offers.search.conditions import (
    DISTANCE,
    Condition,
    Point,
    Words,
    all_of,
    arc_from,
    around,
    has_index,
    of_trades,
    select,
    tags,
)
from offers.search.criteria import Sort
from offers.search.models import EverydayWord
from opus.lib.database.bounded.base import waits_at_most

logger = logging.getLogger(__name__)

TABLE = OfferSearch._meta.db_table
BY_DATE = "created_at DESC, offer_id"
TIERS_BY_DATE = f"tier, {BY_DATE}"
# Words in the text alone.
TEXT_TIER = 4
# Within a tier of a short list, offers farther from the place come after.
NEAR_KM = 20

# --- The replica ----------------------------------------------------------------------

ALIAS = "search"
# What a page waits for it in all, in seconds, and for how long it is then left alone.
PATIENCE = 2
TRIED_AGAIN_AFTER = 15
# An acknowledged withdrawal is on the primary's disk (SEEN_AT_ONCE), and what was only
# inserted may be a counter that nobody waits for.
ON_DISK = "SELECT pg_current_wal_flush_lsn()::text"
# A statement of its own: the snapshot of what follows is younger.
HAS_ALL = "SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= %s::pg_lsn"

ANSWERS = Counter(
    "opus_search_statements",
    "Search statements by the server that answered.",
    ["server"],
    registry=None,  # Read from the files of all processes.
)
_is_away_until = 0.0


def fetch_row(statement: str, params: list[Any]) -> tuple[Any, ...]:
    """Return the only row: the replica's, or the primary's."""
    is_tried = ALIAS in connections.settings and time.monotonic() >= _is_away_until
    row = row_of_replica(statement, params) if is_tried else None
    ANSWERS.labels("primary" if row is None else "replica").inc()
    if row is not None:
        return row
    [only] = select(statement, params)
    return only


def row_of_replica(statement: str, params: list[Any]) -> tuple[Any, ...] | None:
    """Return the row; None: the replica is away, late, or a replica no longer."""
    global _is_away_until
    [(position,)] = select(ON_DISK, [])
    replica = connections[ALIAS]
    try:
        with waits_at_most(PATIENCE), replica.cursor() as cursor:
            cursor.execute(HAS_ALL, [position])
            [has_all] = cursor.fetchone()
            if not has_all:
                return None
            cursor.execute(statement, params)
            (only,) = cursor.fetchall()
            return tuple(only)
    except Error as error:
        _is_away_until = time.monotonic() + TRIED_AGAIN_AFTER
        replica.close()
        kind = type(error).__name__
        logger.warning("Replica away: searches go to the primary (%s).", kind)
        return None


# --- Columns and conditions -----------------------------------------------------------


class Fragment(NamedTuple):
    """A piece of a statement, with its parameters."""

    sql: str
    params: Sequence[Any] = ()


TIER = (
    f"CASE WHEN {TABLE}.vector @@ %s::tsquery THEN 0"
    f" WHEN {TABLE}.vector @@ %s::tsquery THEN 3 ELSE {TEXT_TIER} END"
)
TIER_WITH_TRADES = (
    f"CASE WHEN {TABLE}.vector @@ %s::tsquery"
    f" THEN CASE WHEN {TABLE}.rome_code = ANY(%s::text[]) THEN 0"
    " WHEN EXISTS (SELECT FROM offers_everydayword WHERE key = %s) THEN 3 ELSE 1 END"
    f" WHEN {TABLE}.rome_code = ANY(%s::text[]) THEN 2"
    f" WHEN {TABLE}.vector @@ %s::tsquery THEN 3 ELSE {TEXT_TIER} END"
)


class Order(NamedTuple):
    """How a list is sorted: the columns of its rows, and the SQL of its first page."""

    sort: Sort
    sql: str
    distance: Fragment
    tier: Fragment = Fragment("0")
    # The words as a query, if the last tier is sorted by rank.
    words: str = ""


def order_of(sort: Sort, words: Words, centres: Sequence[Point]) -> Order:
    """Return the order; ``centres``: where the distance counts from."""
    # From the nearest.
    distances = ", ".join([DISTANCE] * len(centres))
    params = [part for centre in centres for part in arc_from(centre)]
    distance = Fragment(f"LEAST({distances})" if centres else "NULL::float8", params)
    if sort == Sort.DISTANCE:
        return Order(sort, f"far NULLS LAST, {BY_DATE}", distance)
    reading = words.read().reading if sort == Sort.RELEVANCE else None
    if reading is None or not reading.anywhere:
        return Order(sort, BY_DATE, distance)
    tier = Fragment(TIER, [reading.title, reading.names])
    if words.trades:
        codes = list(words.trades)
        of_tier = [reading.title, codes, reading.stem, codes, reading.names]
        tier = Fragment(TIER_WITH_TRADES, of_tier)
    is_short = "(SELECT count(*) FROM found) <= {cap}"
    near = f"far > {NEAR_KM} AND {is_short}, " if centres else ""
    by_rank = f"tier, {near}rank DESC NULLS LAST, {BY_DATE}"
    return Order(sort, by_rank, distance, tier, reading.anywhere)


def where_of(wanted: Q) -> Fragment:
    """Return a condition as Django compiles it."""
    query = OfferSearch.objects.filter(wanted).query
    try:
        where = query.get_compiler(connection=connection).compile(query.where)
    except FullResultSet:
        return Fragment("TRUE")
    return Fragment(*where)


# --- Count and first page -------------------------------------------------------------


class Sample(NamedTuple):
    """A random sample, by tags: one offer in ``one_in``."""

    tags: tuple[str, ...]
    one_in: int


SAMPLE = Sample(("sample=7a",), 256)
# More rows of a sample add little.
SAMPLE_ROWS = 300
# So many times the cap are read: a sample that proves nothing is of fewer.
MOST_READ = 10
# Conditions that alone leave a small part of all offers.
NARROW = ("q", "rome", "appellation", "lieu")
# The order of a pass along the dates, if no index helps.
BY_NEWEST = f" ORDER BY {TABLE}.created_at DESC, {TABLE}.offer_id"

# PostgreSQL settles the condition of a step first, and reads no row if it is false.
STATEMENT = """
WITH sample (offer_id, created_at, tier, far) AS MATERIALIZED (
    {of_sample} LIMIT {sample_rows}
),
found (offer_id, created_at, tier, far) AS MATERIALIZED (
    SELECT * FROM sample WHERE (SELECT count(*) FROM sample) >= {proof}
    UNION ALL
    SELECT * FROM ({of_all} LIMIT {most}) AS whole
    WHERE (SELECT count(*) FROM sample) < {proof}
),
{ranks}
-- The page that was asked for, or the last one.
page AS (
    SELECT offer_id, far
    FROM {sorted}
    ORDER BY {order}
    LIMIT %s
    OFFSET (
        SELECT %s * greatest(0, least(%s, (least(count(*), {cap}) - 1) / %s))
        FROM found
    )
)
SELECT
    (SELECT count(*) FROM sample),
    (SELECT count(*) FROM found),
    (SELECT count(*) FROM found WHERE tier = 0),
    (SELECT count(*) FROM found WHERE tier < {text_tier}),
    (SELECT reltuples FROM pg_class WHERE oid = '{table}'::regclass),
    (SELECT json_agg(json_build_array(offer_id, far)) FROM page)
"""
# Words in the text alone, by rank: if the list is short, and the page may show them.
RANKS = """
late AS (
    SELECT offer_id FROM found
    WHERE tier = {text_tier} AND (SELECT count(*) FROM found) <= {cap}
        AND (SELECT count(*) FROM sample) < {proof}
        AND (SELECT count(*) FROM found WHERE tier < {text_tier}) < %s
),
ranks AS MATERIALIZED (
    SELECT offer_id, ts_rank_cd(s.vector, %s::tsquery, 1) AS rank
    FROM late JOIN {table} AS s USING (offer_id)
),
"""


class Row(NamedTuple):
    pk: str
    distance_km: float | None


@dataclass(frozen=True, slots=True)
class FirstPage:
    """The count and the page; or what a sample says of a search too large to read."""

    # At most one past the cap.
    count: int
    # If not all were read, of the rows read.
    page: list[Row]
    is_whole: bool
    # The rows read, those that have the words in their title, those in their names.
    rows: int
    titled: int
    named: int
    # The number of offers that each row represents, about.
    weight: float
    # Whether a sample says that all are hardly more than the cap.
    are_few: bool
    # The number of all offers, as PostgreSQL last estimated.
    table_size: float

    @property
    def is_capped(self) -> bool:
        return self.count > cap()


def cap() -> int:
    return int(settings.SEARCH_COUNT_CAP)


def proof(sample: Sample) -> int:
    """Return how many sampled offers prove passing the cap.

    Seven standard deviations above the expected number: wrong once in 10¹¹.
    """
    share = cap() / sample.one_in
    return min(cap() + 1, ceil(share + 7 * sqrt(share) + 4))


def find(
    conditions: Sequence[Condition], order: Order, page: int, *, for_count: bool
) -> FirstPage:
    """Run the statement. Without an index, all are read from the newest on.

    ``for_count``: only up to the cap, since the page beyond has a shorter way.
    """
    of_sample = Condition("sample", Q(), tags(SAMPLE.tags))
    sampled = where_of(all_of([*conditions, of_sample]))
    where = where_of(all_of(conditions))
    columns = f"{TABLE}.offer_id, {TABLE}.created_at, {order.tier.sql}"
    select = f"SELECT {columns}, {order.distance.sql} FROM {TABLE} WHERE "  # noqa: S608
    least = proof(SAMPLE)
    # A sample would cost as much as all if together they leave few.
    indexed = [each.name for each in conditions if each.by_index is not None]
    narrow = sum(name in NARROW for name in indexed)
    is_sampled = not (narrow > 1 or narrow and len(indexed) > 2)
    most = cap() * (1 if for_count or not is_sampled else MOST_READ) + 1
    parts = {"text_tier": TEXT_TIER, "table": TABLE, "cap": cap()}
    size = settings.SEARCH_PAGE_SIZE
    ranks, of_ranks, ordered = "", list[Any](), "found"
    if order.words:
        ranks = RANKS.format(proof=least, **parts)
        of_ranks = [page * size, order.words]
        ordered = "found LEFT JOIN ranks USING (offer_id)"
    statement = STATEMENT.format(
        of_sample=select + sampled.sql,
        of_all=select + where.sql + ("" if has_index(conditions) else BY_NEWEST),
        sample_rows=max(SAMPLE_ROWS, least) if is_sampled else 0,
        proof=least,
        most=most,
        ranks=ranks,
        sorted=ordered,
        order=order.sql.format(**parts),
        **parts,
    )
    of_columns = [*order.tier.params, *order.distance.params]
    both = [*of_columns, *sampled.params, *of_columns, *where.params]
    values = [*both, *of_ranks, size, size, page - 1, size]
    sampled_rows, count, titled, named, table_size, shown = fetch_row(statement, values)
    is_proved = sampled_rows >= least
    offers = max(count, sampled_rows * SAMPLE.one_in)
    if sampled_rows >= SAMPLE_ROWS:
        # Cut: from a tenth of all offers to nearly all of them.
        offers = max(offers, table_size / 2)
    return FirstPage(
        count=cap() + 1 if is_proved else min(count, cap() + 1),
        page=[Row(*row) for row in shown or ()],
        is_whole=not is_proved and count < most,
        rows=count,
        titled=titled,
        named=named,
        weight=offers / count if count else 1,
        are_few=is_sampled and not is_proved,
        table_size=table_size,
    )


# --- Counts ---------------------------------------------------------------------------


def count_first(searches: Sequence[Q], most: int) -> Sequence[int]:
    """Count each search in one statement, not beyond ``most``."""
    if not searches:
        return []
    parts: list[str] = []
    params: list[Any] = []
    for where in map(where_of, searches):
        rows = f"SELECT FROM {TABLE} WHERE {where.sql} LIMIT {most}"
        parts.append(f"(SELECT count(*) FROM ({rows}) AS found)")  # noqa: S608
        params += where.params
    [counts] = select(f"SELECT {', '.join(parts)}", params)
    return counts


# --- A page of a search too large to read ---------------------------------------------

# A walk that needs the index alone, and no vectors, is so many times as quick.
INDEX_ALONE = 10
NEWEST = f"SELECT * FROM {TABLE} ORDER BY {BY_DATE} LIMIT %s"  # noqa: S608
OF_TRADE = f"(SELECT * FROM {TABLE} WHERE rome_code = %s ORDER BY {BY_DATE} LIMIT %s)"  # noqa: S608
SORTED = """
WITH found (offer_id, created_at, tier, far) AS MATERIALIZED ({rows}),
page AS (SELECT offer_id, far FROM found ORDER BY {order} LIMIT %s OFFSET %s)
SELECT (SELECT count(*) FROM found),
    (SELECT json_agg(json_build_array(offer_id, far)) FROM page)
"""


@dataclass(frozen=True, slots=True)
class LongList:
    """A search's list, of which the first page may be all that was read."""

    conditions: Sequence[Condition]
    order: Order
    words: Words
    centres: Sequence[Point]
    # What a sample proved, or the first rows.
    found: FirstPage

    def page(self, offset: int, size: int) -> list[Row]:
        if self.found.is_whole:
            return self.found.page[:size]
        if self.order.sort == Sort.DISTANCE:
            return self.nearest(offset, size)
        if self.order.words:
            return self.most_relevant(offset, size)
        return self.newest(Q(), offset, size, self.found.rows)

    # --- By date -----------------------------------------------------------------

    def newest(self, wanted: Q, offset: int, size: int, met: int) -> list[Row]:
        """Return a page by date: a walk, else a sort.

        ``met``: how many of the rows read are wanted.
        """
        rows: list[Row] = []
        if self.is_walk_shorter(met, met, offset + size):
            rows = self.walk(wanted, offset, size)
        if len(rows) < size:
            rows, _ = self.sort(wanted, BY_DATE, offset, size)
        return rows

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
        self, wanted: Q, offset: int, size: int, newest: Fragment | None = None
    ) -> list[Row]:
        """Return what is wanted among the newest offers, of all or some."""
        newest = newest or Fragment(NEWEST, [settings.SEARCH_WALK])
        far = self.order.distance
        where = where_of(all_of(self.conditions, by_row=True) & wanted)
        statement = (
            f"SELECT {TABLE}.offer_id, {far.sql} FROM ({newest.sql}) AS {TABLE}"  # noqa: S608
            f" WHERE {where.sql}{BY_NEWEST} LIMIT %s OFFSET %s"
        )
        params = [*far.params, *newest.params, *where.params, size, offset]
        return [Row(*row) for row in select(statement, params)]

    def sort(
        self, wanted: Q, order: str, offset: int, size: int
    ) -> tuple[list[Row], int]:
        """Return (a page of what is wanted, sorted; number of rows)."""
        tier, far = self.order.tier, self.order.distance
        where = where_of(all_of(self.conditions) & wanted)
        columns = f"{TABLE}.offer_id, {TABLE}.created_at, {tier.sql}, {far.sql}"
        rows = f"SELECT {columns} FROM {TABLE} WHERE {where.sql}"  # noqa: S608
        params = [*tier.params, *far.params, *where.params, size, offset]
        [(count, page)] = select(SORTED.format(rows=rows, order=order), params)
        return [Row(*row) for row in page or ()], count

    # --- By distance -------------------------------------------------------------

    def nearest(self, offset: int, size: int) -> list[Row]:
        """Return a page by distance; the sample bounds the radius."""
        seen = self.found.page[:size]
        farthest = seen[-1].distance_km if len(seen) == size else None
        near = Q()
        if farthest is not None:
            for centre in self.centres:
                near |= around(centre, farthest)
        rows, _ = self.sort(near, self.order.sql, offset, size)
        return rows

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
            rows, _ = self.sort(Q(), TIERS_BY_DATE, offset, size)
            return rows
        trades = of_trades(words.trades)
        by_index = reduce(or_, [one.by_index for one in trades if one.by_index], Q())
        # Led by one index, as the words alone.
        first = words.in_names_by_index | by_index
        rows, count = rest.sort(first, TIERS_BY_DATE, offset, size)
        if missing := size - len(rows):
            elsewhere = ~words.in_names
            if trades:
                elsewhere &= ~Q(rome_code__in=words.trades)
            late = found.rows - found.named
            rows += self.newest(elsewhere, max(0, offset - count), missing, late)
        return rows

    def first_of_trades(self, offset: int, size: int) -> list[Row]:
        """Return a page of the first tiers, maybe shorter: title, then trade."""
        found, words = self.found, self.words
        if found.titled * found.weight >= 2 * (offset + size):
            return self.walk_trades(words.in_title, offset, size)
        # Titles that come before the others of the trades.
        stem = words.reading.stem if words.reading else None
        is_everyday = Exists(EverydayWord.objects.filter(key=stem))
        are_ahead = Q(rome_code__in=words.trades) | ~Q(is_everyday)
        titled = words.in_names_by_index & words.in_title & are_ahead
        rows, count = self.sort(titled, TIERS_BY_DATE, offset, size)
        if missing := size - len(rows):
            rows += self.walk_trades(~words.in_title, max(0, offset - count), missing)
        return rows

    def walk_trades(self, wanted: Q, offset: int, size: int) -> list[Row]:
        """Return offers of the trades, along their dates."""
        trades, most = self.words.trades, settings.SEARCH_WALK
        mixed = " UNION ALL ".join([OF_TRADE] * len(trades))
        newest = f"SELECT * FROM ({mixed}) AS mixed ORDER BY {BY_DATE} LIMIT %s"  # noqa: S608
        params = [part for code in trades for part in (code, most)]
        return self.walk(wanted, offset, size, Fragment(newest, [*params, most]))
