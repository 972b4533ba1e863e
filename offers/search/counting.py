"""Counts all choices of a search in one pass, and brings its page along.

The pass stops one row past ``SEARCH_COUNT_CAP``: what is below is exact, what is beyond
is « plus de 10 000 », and the rows seen are then a sample.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Case, Q, QuerySet, SmallIntegerField, Value, When
from django.db.models.expressions import Combinable

from offers.filters import FILTERS
from offers.models import OfferSearch
from offers.search.conditions import Condition, all_of, has_index

TABLE = OfferSearch._meta.db_table
COLUMNS = [each.column for each in FILTERS]
# From this share of a sample on, a walk along the dates costs less than the index.
COMMON = 0.05
# A pass whose rows come in the order of dates, for want of an index.
NEWEST = ("-created_at", "offer_id")


class Row(NamedTuple):
    """One offer of a page."""

    pk: str
    distance_km: float | None


class Order(NamedTuple):
    """How rows are sorted, by what question, and what the pass reads for it."""

    sql: str
    question: str
    tier: Combinable
    distance: Combinable


@dataclass(slots=True)
class Pass:
    """What one pass saw.

    ``lacking`` numbers the filters with a choice from 1 on: 0 is what all of them
    accept, ``i`` what the ``i``-th alone rejects.
    """

    seen: int
    has_words: bool
    # How many of those that all accept have the words in their title; how many offers
    # there are in all, as PostgreSQL last estimated.
    titled: int
    table_size: float
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
    """How many offers are counted one by one."""
    return int(settings.SEARCH_COUNT_CAP)


def look_at_all(
    base: Sequence[Condition], choices: Sequence[Condition], order: Order, page: int
) -> Pass:
    """One pass over what words, places, trades and date leave."""
    rows = OfferSearch.objects.filter(all_of(base))
    return run(rows, lacking(choices), by_date(base), order, page)


def look_at_accepted(
    base: Sequence[Condition],
    choices: Sequence[Condition],
    order: Order,
    page: int,
    sample: Pass,
) -> Pass:
    """One pass over what all filters accept, of a base too large to be looked at whole.

    By index; where there is none but that of the choices, the sample may show that a
    walk along the dates meets enough of them sooner.
    """
    walks = by_date(base) and sample.totals[0] >= COMMON * sample.seen
    rows = OfferSearch.objects.filter(all_of(base), all_of(choices, by_row=walks))
    return run(rows, Value(0, SmallIntegerField()), walks, order, page)


def by_date(base: Sequence[Condition]) -> bool:
    return not has_index(base)


def lacking(choices: Sequence[Condition]) -> Combinable:
    """The number of the only filter that rejects a row; null where several do."""
    if not choices:
        return Value(0, SmallIntegerField())
    cases = [When(all_of(choices, by_row=True), then=Value(0))]
    for i in range(1, len(choices) + 1):
        others = [each for j, each in enumerate(choices, 1) if j != i]
        # Without others, whoever is not accepted is rejected by this one alone.
        accepted = all_of(others, by_row=True) or Q(pk__isnull=False)
        cases.append(When(accepted, then=Value(i)))
    return Case(*cases, output_field=SmallIntegerField())


def run(
    rows: QuerySet[OfferSearch],
    lacking: Combinable,
    walks: bool,
    order: Order,
    page: int,
) -> Pass:
    """The statement: rows found, grouped by each filter, and the page sorted."""
    narrow = (
        rows.order_by(*(NEWEST if walks else ()))
        .annotate(lacking=lacking, tier=order.tier, far=order.distance)
        .values_list("offer_id", "created_at", "lacking", "tier", "far", *COLUMNS)
    )[: cap() + 1]
    sql, params = narrow.query.sql_with_params()
    columns = [f"c{number}" for number in range(len(COLUMNS))]
    listed = ", ".join(columns)
    sets = ", ".join(["()", *(f"({column})" for column in columns)])
    statement = f"""
        WITH found (offer_id, created_at, lacking, tier, far, {listed})
        AS MATERIALIZED (
            {sql}
        ), cells AS (
            SELECT lacking, {listed}, count(*) AS rows
            FROM found WHERE lacking IS NOT NULL GROUP BY lacking, {listed}
        ), counted AS (
            SELECT json_build_array(lacking, grouping({listed}), sum(rows), {listed})
                AS line
            FROM cells GROUP BY lacking, GROUPING SETS ({sets})
        ), page AS (
            SELECT offer_id, far FROM found WHERE lacking = 0
            ORDER BY {order.sql} LIMIT %s OFFSET (
                SELECT %s * greatest(0, least(%s, (count(*) - 1) / %s))
                FROM found WHERE lacking = 0
            )
        )
        SELECT (SELECT count(*) FROM found), numnode(opus_query(%s)) > 0,
            (SELECT count(*) FROM found WHERE lacking = 0 AND tier = 0),
            (SELECT reltuples FROM pg_class WHERE oid = '{TABLE}'::regclass),
            (SELECT json_agg(line) FROM counted),
            (SELECT json_agg(json_build_array(offer_id, far)) FROM page)
    """  # noqa: S608 - values are parameters, the rest is ours
    size = settings.SEARCH_PAGE_SIZE
    with connection.cursor() as cursor:
        paging = [size, size, page - 1, size]
        cursor.execute(statement, [*params, *paging, order.question])
        seen, has_words, titled, table_size, counted, page_rows = cursor.fetchone()
    told = Pass(seen, has_words, titled, table_size)
    for number, grouped, count, *values in counted or ():
        place = place_of(grouped, len(columns))
        value = None if place is None else values[place]
        told.add(number, place, value, count)
    told.page = [Row(*row) for row in page_rows or ()]
    return told


def place_of(grouped: int, columns: int) -> int | None:
    """Which column a line of GROUPING SETS tells of; its bits are those left out."""
    told = ~grouped & ((1 << columns) - 1)
    return columns - told.bit_length() if told else None
