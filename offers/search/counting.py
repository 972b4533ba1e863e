"""Count a search up to the cap, and sort its page, in one statement.

A random sample that proves more than ``SEARCH_COUNT_CAP`` offers is enough. Else all of
them are read, for count and page: hardly more than the cap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import FullResultSet
from django.db import connection
from django.db.models import Q
from django.db.models.expressions import Combinable

from offers.catalogue.models import OfferSearch
from offers.search.conditions import Condition, all_of, has_index, tags
from offers.search.replica import fetch_row

TABLE = OfferSearch._meta.db_table


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
NEWEST = ("-created_at", "offer_id")
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
TEXT_TIER = 4


class Row(NamedTuple):
    pk: str
    distance_km: float | None


class Order(NamedTuple):
    sql: str
    tier: Combinable
    distance: Combinable
    # The words as a query, if the last tier is sorted by rank.
    words: str = ""


@dataclass(frozen=True, slots=True)
class Found:
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
) -> Found:
    """Run the statement. Without an index, all are read from the newest on.

    ``for_count``: only up to the cap, since the page beyond has a shorter way.
    """
    read, read_params = read_of(order)
    of_sample = Condition("sample", Q(), tags(SAMPLE.tags))
    sampled, sample_params = where_of([*conditions, of_sample])
    where, params = where_of(conditions)
    select = f"SELECT {read} FROM {TABLE} WHERE "  # noqa: S608
    least = proof(SAMPLE)
    is_sampled = not are_narrow(conditions)
    most = cap() * (1 if for_count or not is_sampled else MOST_READ) + 1
    parts = {"text_tier": TEXT_TIER, "table": TABLE, "cap": cap()}
    size = settings.SEARCH_PAGE_SIZE
    ranks, of_ranks, ordered = "", list[Any](), "found"
    if order.words:
        ranks = RANKS.format(proof=least, **parts)
        of_ranks = [page * size, order.words]
        ordered = "found LEFT JOIN ranks USING (offer_id)"
    statement = STATEMENT.format(
        of_sample=select + sampled,
        of_all=select + where + ("" if has_index(conditions) else BY_NEWEST),
        sample_rows=max(SAMPLE_ROWS, least) if is_sampled else 0,
        proof=least,
        most=most,
        ranks=ranks,
        sorted=ordered,
        order=order.sql.format(**parts),
        **parts,
    )
    both = [*read_params, *sample_params, *read_params, *params]
    values = [*both, *of_ranks, size, size, page - 1, size]
    sampled_rows, count, titled, named, table_size, shown = fetch_row(statement, values)
    is_proved = sampled_rows >= least
    offers = max(count, sampled_rows * SAMPLE.one_in)
    if sampled_rows >= SAMPLE_ROWS:
        # Cut: from a tenth of all offers to nearly all of them.
        offers = max(offers, table_size / 2)
    return Found(
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


def are_narrow(conditions: Sequence[Condition]) -> bool:
    """Return whether together they leave few: a sample would cost as much as all."""
    indexed = [each.name for each in conditions if each.by_index is not None]
    narrow = sum(name in NARROW for name in indexed)
    return narrow > 1 or bool(narrow and len(indexed) > 2)


def read_of(order: Order) -> tuple[str, list[Any]]:
    """Return the columns as SQL: the ORM doubled the time."""
    query = OfferSearch.objects.all().query
    compiler = query.get_compiler(connection=connection)
    texts = [f"{TABLE}.offer_id", f"{TABLE}.created_at"]
    params: list[Any] = []
    wanted: list[Any] = [order.tier, order.distance]
    for expression in wanted:
        text, values = compiler.compile(expression.resolve_expression(query))
        texts.append(text)
        params += values
    return ", ".join(texts), params


def where_of(conditions: Sequence[Condition]) -> tuple[str, Sequence[Any]]:
    query = OfferSearch.objects.filter(all_of(conditions)).query
    try:
        return query.get_compiler(connection=connection).compile(query.where)
    except FullResultSet:
        return "TRUE", ()


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
