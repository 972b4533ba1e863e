"""Count all choices of a search, with its page.

A random sample that proves more than ``SEARCH_COUNT_CAP`` offers is enough. Else a pass
reads all of them, up to one row past the cap: lower counts are exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, sqrt
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import FullResultSet
from django.db import connection
from django.db.models import Case, Q, QuerySet, SmallIntegerField, Value, When
from django.db.models.expressions import Combinable

from offers.catalogue.models import OfferSearch
from offers.search.conditions import Condition, all_of, has_index, tags
from offers.search.filters import FILTERS

TABLE = OfferSearch._meta.db_table
COLUMNS = [each.column for each in FILTERS]


class Sample(NamedTuple):
    """A random sample, by tags: one offer in ``one_in``."""

    tags: tuple[str, ...]
    one_in: int


SMALL = Sample(("sample=7a",), 256)
MIDDLE = Sample(("sample=7a", "sample=7b", "sample=7c", "sample=7d"), 64)
LARGE = Sample(("sample=7",), 16)
# Represents the tags of a sample in the statement.
PLACEHOLDER = "sample"
# Fewer rows make no sample (shares within six points); more add nothing.
LEAST_SAMPLE = 250
SAMPLE_ROWS = 500
# From this share of a sample on, a walk along the dates costs less than the index.
COMMON = 0.05
# The order of a pass along the dates, if no index helps.
NEWEST = ("-created_at", "offer_id")
BY_NEWEST = f" ORDER BY {TABLE}.created_at DESC, {TABLE}.offer_id"

# A step: PostgreSQL settles the condition first, and reads no row if it is false.
LOOK = """{name} (offer_id, created_at, lacking, tier, far, {filters}) AS MATERIALIZED (
    SELECT * FROM (
        {rows}
        LIMIT {most}
    ) AS {name}
    WHERE NOT ({needless})
)"""
STATEMENT = """
WITH {looks},

-- One row for each combination of values: far fewer than were found.
combinations AS (
    SELECT lacking, {filters}, count(*) AS offers
    FROM found
    WHERE lacking IS NOT NULL
    GROUP BY lacking, {filters}
),

-- The total, then each value of each filter by itself.
counts AS (
    SELECT lacking, grouping({filters}) AS left_out, sum(offers) AS offers, {filters}
    FROM combinations
    GROUP BY lacking, GROUPING SETS ((), {each_filter})
),

{ranks}
-- The page that was asked for, or the last one.
page AS (
    SELECT offer_id, far
    FROM {sorted}
    WHERE lacking = 0
    ORDER BY {order}
    LIMIT %s
    OFFSET (
        SELECT %s * greatest(0, least(%s, (count(*) - 1) / %s))
        FROM found
        WHERE lacking = 0
    )
)

SELECT
    (SELECT count(*) FROM found) AS seen,
    (SELECT count(*) FROM found WHERE lacking = 0 AND tier = 0) AS titled,
    (SELECT reltuples FROM pg_class WHERE oid = '{table}'::regclass) AS table_size,
    ARRAY[{enough}]::boolean[] AS enough,
    (SELECT json_agg(json_build_array(lacking, left_out, offers, {filters}))
        FROM counts) AS counts,
    (SELECT json_agg(json_build_array(offer_id, far)) FROM page) AS page
"""
# Words in the text alone, by rank: few, and only if the page may show them.
RANKS = """
late AS (
    SELECT offer_id FROM found
    WHERE lacking = 0 AND tier = {text_tier}
        AND (SELECT count(*) FROM found WHERE lacking = 0 AND tier < {text_tier}) < %s
        AND (SELECT count(*) FROM found WHERE lacking = 0 AND tier = {text_tier})
            <= {most}
),
ranks AS MATERIALIZED (
    SELECT offer_id, ts_rank_cd(s.vector, %s::tsquery, 1) AS rank
    FROM late JOIN {table} AS s USING (offer_id)
),
"""
TEXT_TIER = 4
MOST_RANKED = 1_500
PARTS = {
    "table": TABLE,
    "filters": ", ".join(COLUMNS),
    "each_filter": ", ".join(f"({column})" for column in COLUMNS),
}


class Row(NamedTuple):
    pk: str
    distance_km: float | None


class Order(NamedTuple):
    sql: str
    tier: Combinable
    distance: Combinable
    # The words as a query, if the last tier is sorted by rank.
    words: str = ""


@dataclass(slots=True)
class Pass:
    """The result of one pass.

    ``lacking``: 0 counts accepted rows, ``i`` those that only filter ``i`` rejects.
    """

    seen: int
    # The accepted offers with the words in their title; then the number of all offers,
    # as PostgreSQL last estimated.
    titled: int
    table_size: float
    # The number of offers that each row read represents; whether all were read.
    weight: int
    is_whole: bool
    totals: Counter[int] = field(default_factory=Counter)
    # (filter, lacking) → choice → offers.
    counts: dict[tuple[int, int], Counter[object]] = field(default_factory=dict)
    page: list[Row] = field(default_factory=list)

    def add(self, lacking: int, filter_number: int | None, value: Any, n: int) -> None:
        if filter_number is None:
            self.totals[lacking] = n
        else:
            self.counts.setdefault((filter_number, lacking), Counter())[value] = n

    def of(self, filter_number: int, lacking: int) -> Counter[object]:
        return self.counts.get((filter_number, lacking), Counter())


def cap() -> int:
    return int(settings.SEARCH_COUNT_CAP)


def sure(one_in: int) -> int:
    """Return how many sampled offers prove passing the cap.

    Seven standard deviations above the expected number: wrong once in 10¹¹.
    """
    share = cap() / one_in
    return min(cap() + 1, ceil(share + 7 * sqrt(share) + 4))


def needed(sample: Sample) -> int:
    return min(cap() + 1, max(LEAST_SAMPLE, sure(sample.one_in)))


def look_at_all(
    base: Sequence[Condition], choices: Sequence[Condition], order: Order, page: int
) -> Pass:
    """Count the base (words, places, trades, date), maybe by samples."""
    indexed = sum(each.by_index is not None for each in base)
    samples = [SMALL, MIDDLE, LARGE] if indexed == 1 else [SMALL] if not base else []
    rows = OfferSearch.objects.filter(all_of(base))
    return run(rows, rows, samples, lacking(choices), not has_index(base), order, page)


def look_at_accepted(
    base: Sequence[Condition],
    choices: Sequence[Condition],
    order: Order,
    page: int,
    of_base: Pass,
) -> Pass:
    """Count what all filters accept in a large base.

    The pass over the base chooses the sample. Without other indexes, a walk along
    dates may be faster.
    """
    share = of_base.totals[0] / of_base.seen
    expected = share * (of_base.seen * of_base.weight if base else of_base.table_size)
    samples = []
    if expected >= cap():
        # With a margin: a sample that turns out too small costs a second pass.
        enough = (
            each
            for each in (SMALL, MIDDLE)
            if expected / each.one_in >= 1.3 * needed(each)
        )
        samples = [next(enough, LARGE)]
    walks = not has_index(base) and share >= COMMON
    rows = OfferSearch.objects.filter(all_of(base))
    by_index, whole = (rows.filter(all_of(choices, by_row=w)) for w in (False, walks))
    nothing = Value(0, SmallIntegerField())
    return run(by_index, whole, samples, nothing, walks, order, page)


def lacking(choices: Sequence[Condition]) -> Combinable:
    """Return the number of the only filter rejecting a row."""
    if not choices:
        return Value(0, SmallIntegerField())
    cases = [When(all_of(choices, by_row=True), then=Value(0))]
    for i in range(1, len(choices) + 1):
        others = [each for j, each in enumerate(choices, 1) if j != i]
        # Without others, this one alone rejects the row.
        accepted = all_of(others, by_row=True) or Q(pk__isnull=False)
        cases.append(When(accepted, then=Value(i)))
    return Case(*cases, output_field=SmallIntegerField())


def run(
    by_index: QuerySet[OfferSearch],
    whole: QuerySet[OfferSearch],
    samples: Sequence[Sample],
    lacking: Combinable,
    walks: bool,
    order: Order,
    page: int,
) -> Pass:
    """Run the statement: counts by filter, and the sorted page.

    ``by_index`` (for samples) and ``whole`` are the same offers; ``walks``: by date.
    """
    read, read_params = read_of(lacking, order)

    def select(rows: QuerySet[OfferSearch], order_by: str = "") -> tuple[str, Any]:
        where, params = where_of(rows)
        statement = f"SELECT {read} FROM {TABLE} WHERE {where}{order_by}"  # noqa: S608
        return statement, [*read_params, *params]

    params: list[Any] = []
    looks: list[str] = []
    enough: list[str] = []
    found: list[str] = []
    of_sample, sample_params = (
        select(by_index.filter(tags([PLACEHOLDER]))) if samples else ("", [])
    )
    for each in samples:
        name, least = f"one_in_{each.one_in}", needed(each)
        looks.append(look(name, of_sample, max(SAMPLE_ROWS, least), enough))
        params += [
            list(each.tags) if param == [PLACEHOLDER] else param
            for param in sample_params
        ]
        enough.append(f"(SELECT count(*) FROM {name}) >= {least}")  # noqa: S608
        found.append(f"SELECT * FROM {name} WHERE {enough[-1]}")  # noqa: S608
    of_all, all_params = select(whole, BY_NEWEST if walks else "")
    # Without samples, every row is found: avoid another copy.
    looks.append(look("whole" if samples else "found", of_all, cap() + 1, enough))
    params += all_params
    if samples:
        found.append("SELECT * FROM whole")
        looks.append(f"found AS MATERIALIZED ({' UNION ALL '.join(found)})")
    size = settings.SEARCH_PAGE_SIZE
    ranks, ordered = "", "found"
    if order.words:
        ranks = RANKS.format(text_tier=TEXT_TIER, most=MOST_RANKED, **PARTS)
        ordered = "found LEFT JOIN ranks USING (offer_id)"
        params += [page * size, order.words]
    statement = STATEMENT.format(
        looks=",\n".join(looks),
        ranks=ranks,
        sorted=ordered,
        order=order.sql,
        enough=", ".join(enough),
        **PARTS,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*params, size, size, page - 1, size])
        seen, titled, table_size, were_enough, counts, rows = cursor.fetchone()
    result = Pass(
        seen,
        titled,
        table_size,
        weight=samples[were_enough.index(True)].one_in if any(were_enough) else 1,
        is_whole=not any(were_enough) and seen <= cap(),
    )
    for number, left_out, count, *values in counts or ():
        place = place_of(left_out, len(COLUMNS))
        value = None if place is None else values[place]
        result.add(number, place, value, count)
    result.page = [Row(*row) for row in rows or ()]
    return result


def read_of(lacking: Combinable, order: Order) -> tuple[str, list[Any]]:
    """Return the columns as SQL: the ORM doubled the time."""
    query = OfferSearch.objects.all().query
    compiler = query.get_compiler(connection=connection)
    texts = [f"{TABLE}.offer_id", f"{TABLE}.created_at"]
    params: list[Any] = []
    wanted: list[Any] = [lacking, order.tier, order.distance]
    for expression in wanted:
        text, values = compiler.compile(expression.resolve_expression(query))
        texts.append(text)
        params += values
    return ", ".join([*texts, *(f"{TABLE}.{column}" for column in COLUMNS)]), params


def where_of(rows: QuerySet[OfferSearch]) -> tuple[str, Sequence[Any]]:
    compiler = rows.query.get_compiler(connection=connection)
    try:
        return compiler.compile(rows.query.where)
    except FullResultSet:
        return "TRUE", ()


def look(name: str, rows: str, most: int, enough: Sequence[str]) -> str:
    """Return a CTE of ``most`` rows, unless others were enough."""
    return LOOK.format(
        name=name,
        rows=rows,
        most=most,
        needless=" OR ".join(enough) or "FALSE",
        **PARTS,
    )


def place_of(left_out: int, columns: int) -> int | None:
    """Return the column of a GROUPING SETS row; None: total.

    ``left_out``: the bits of ``grouping()``, set for columns not grouped.
    """
    grouped = ~left_out & ((1 << columns) - 1)
    return columns - grouped.bit_length() if grouped else None


def count_each(searches: Sequence[Q]) -> Sequence[int]:
    """Count each search in one statement, just past the cap."""
    return count_first(searches, cap() + 1)


def count_first(searches: Sequence[Q], most: int) -> Sequence[int]:
    """Count each search in one statement, not beyond ``most``."""
    if not searches:
        return []
    parts: list[str] = []
    params: list[Any] = []
    for wanted in searches:
        rows = OfferSearch.objects.filter(wanted).order_by()
        sql, sql_params = rows.values_list("pk")[:most].query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS found)")  # noqa: S608
        params += sql_params
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        counts: Sequence[int] = cursor.fetchone()
    return counts
