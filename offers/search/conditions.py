"""Write each condition of a search in two ways.

``by_index`` (words and tags) is fast if few rows match, ``by_row`` on walks along the
dates. Both find the same offers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import and_, or_
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, F, Func, Q, TextField, Value
from django.utils import timezone

from offers.reference.places import Area, Kind
from offers.search.geometry import Point, on_circle, squares
from offers.search.words import Matches, Words

# The arguments of ``opus_tags``; the index contains their tags: « contract=CDI ».
TAGGED = (
    "contract", "nature", "experience", "full_time", "accessible_th",
    "few_candidates", "adapted", "handi_engaged", "is_cadre", "from_partner",
    "training", "published", "mode", "sector", "rome_code", "appellation",
    "commune_code", "department", "region", "latitude", "longitude", "offer_id",
)  # fmt: skip


class Tags(Func):
    """A row's tags, written exactly as in the index.

    Django resolves only the row's table: two dozen columns cost more than the rest.
    """

    output_field = ArrayField(TextField())

    def __init__(self) -> None:
        super().__init__(F("offer_id"))

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, tuple[str | int, ...]]:
        row: Any = self.get_source_expressions()[0]
        columns = (f'"{row.alias}"."{name}"' for name in TAGGED)
        return f"opus_tags({', '.join(columns)})", ()


class HasOneOf(Func):
    template = "%(expressions)s::text[]"
    arg_joiner = " && "
    output_field = BooleanField()


class IsSince(Func):
    """A comparison that uses no index."""

    template = "%(expressions)s"
    arg_joiner = " >= "
    output_field = BooleanField()


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition in two ways.

    ``covers``: the index finds too much (squares around a circle), so rows are checked.
    ``beside_index``: the row test used when another index leads.
    """

    name: str
    by_row: Q
    by_index: Q | None = None
    covers: bool = False
    beside_index: Q | None = None

    def searched(self, *, is_led: bool) -> Q:
        """Return the condition by index, or beside an index."""
        if self.by_index is None:
            return self.beside_index if is_led and self.beside_index else self.by_row
        return self.by_index & self.by_row if self.covers else self.by_index


def all_of(conditions: Iterable[Condition], *, by_row: bool = False) -> Q:
    conditions = list(conditions)
    is_led = has_index(conditions)
    parts = [
        each.by_row if by_row else each.searched(is_led=is_led) for each in conditions
    ]
    return reduce(and_, parts, Q())


def has_index(conditions: Iterable[Condition]) -> bool:
    return any(each.by_index is not None for each in conditions)


def tags(values: Sequence[str]) -> Q:
    return Q(HasOneOf(Tags(), Value(list(values))))


def around(point: Point, radius_km: float) -> Q:
    """Return rows within a radius, by tags if squares help."""
    circle = on_circle(point, radius_km)
    found = squares(point, radius_km)
    return tags(found) & circle if found else circle


def of_words(words: Words) -> list[Condition]:
    """Return the condition on words, or the trades added to them."""
    if words.say_nothing:
        return of_trades(words.trades)
    if not words.trades:
        return [Condition("q", words.anywhere, words.anywhere)]
    [trades] = of_trades(words.trades)
    by_index = trades.by_index or Q()
    return [Condition("q", words.anywhere | trades.by_row, words.anywhere | by_index)]


def of_places(areas: Sequence[Area], radius_km: int) -> list[Condition]:
    if not areas:
        return []
    places = [of_place(area, radius_km) for area in areas]
    found = [tag for _, found in places for tag in found or ()]
    return [
        Condition(
            "lieu",
            reduce(or_, (by_row for by_row, _ in places)),
            tags(found) if all(found for _, found in places) else None,
            # Squares exceed the circle; tags are exact for other areas: with both
            # conditions, PostgreSQL used a second index, which took ten times as long.
            covers=any(is_circle(area, radius_km) for area in areas),
        )
    ]


def of_place(area: Area, radius_km: int) -> tuple[Q, Sequence[str] | None]:
    """Return (row condition, tags) of one place, with its radius."""
    if area.kind == Kind.DEPARTMENT:
        return Q(department=area.code), [f"department={area.code}"]
    if area.kind == Kind.REGION:
        return Q(region=area.code[1:]), [f"region={area.code[1:]}"]
    if is_circle(area, radius_km) and area.point:
        return on_circle(area.point, radius_km), squares(area.point, radius_km)
    communes = area.communes
    return Q(commune_code__in=communes), [f"commune_code={code}" for code in communes]


def is_circle(area: Area, radius_km: int) -> bool:
    return bool(area.kind == Kind.COMMUNE and radius_km and area.point)


def of_trades(codes: Sequence[str]) -> list[Condition]:
    if not codes:
        return []
    by_index = tags([f"rome_code={code}" for code in codes])
    return [Condition("rome", Q(rome_code__in=codes), by_index)]


def of_days(days: int | None) -> list[Condition]:
    """Return the date condition, without its index beside another."""
    if not days:
        return []
    since = timezone.now() - timedelta(days=days)
    date = F("created_at") + Value(timedelta())
    beside = Q(IsSince(date, Value(since)))
    return [Condition("depuis", Q(created_at__gte=since), beside_index=beside)]


def of_needs(rows: Mapping[str, Q]) -> list[Condition]:
    return [Condition(name, by_row, index_of(by_row)) for name, by_row in rows.items()]


def index_of(by_row: Q) -> Q | None:
    """Return a condition on a column's values by tags."""
    match by_row.children:
        case [(str(lookup), values)] if not by_row.negated:
            column, _, what = lookup.rpartition("__")
            if what == "in" and column in TAGGED:
                return tags([tag_of(column, value) for value in values])
        case [Matches()]:
            return by_row
        case [_, _, *_] if by_row.connector == Q.OR and not by_row.negated:
            each = [index_of(as_condition(child)) for child in by_row.children]
            return reduce(or_, filter(None, each)) if all(each) else None
    return None


def as_condition(child: Any) -> Q:
    return child if isinstance(child, Q) else Q(child)


def tag_of(column: str, value: object) -> str:
    """Return a tag as ``opus_tags`` writes it."""
    text = str(value).lower() if isinstance(value, bool) else value
    return f"{column}={text}"
