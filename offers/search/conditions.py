"""What a search asks, condition by condition, each said in two ways.

``by_index`` is what the index of words and signs answers without looking at a row: it
finds few among a million. ``by_row`` is what one row shows: it is for walks along the
dates, where most rows fit. Which way is shorter depends on how many offers there are;
``counting`` and ``order`` choose, and both ways give the same offers.
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

from offers.criteria import Criteria
from offers.filters import FILTERS, Filter
from offers.geometry import on_circle, squares
from offers.places import Area, Kind
from offers.search.words import Words

# The arguments of ``opus_signs``, whose array the index holds: « contract=CDI ».
SIGNED = (
    "contract", "nature", "experience", "full_time", "accessible_th",
    "few_candidates", "adapted", "handi_engaged", "is_cadre", "from_partner",
    "training", "published", "mode", "sector", "rome_code", "appellation",
    "commune_code", "department", "region", "latitude", "longitude", "offer_id",
)  # fmt: skip


class Signs(Func):
    """The signs of a row, written exactly as in the index.

    Of its arguments only the row's table is looked up: to look up two dozen columns
    for each condition cost more than the rest of it.
    """

    output_field = ArrayField(TextField())

    def __init__(self) -> None:
        super().__init__(F("offer_id"))

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, tuple[str | int, ...]]:
        row: Any = self.get_source_expressions()[0]
        columns = (f'"{row.alias}"."{name}"' for name in SIGNED)
        return f"opus_signs({', '.join(columns)})", ()


class HasOneOf(Func):
    """Whether two arrays have something in common."""

    template = "%(expressions)s::text[]"
    arg_joiner = " && "
    output_field = BooleanField()


class IsSince(Func):
    """A comparison that no index answers, as its left side is none's."""

    template = "%(expressions)s"
    arg_joiner = " >= "
    output_field = BooleanField()


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing asked: what its parameter is called, and its two ways.

    ``covers`` says that the index finds more than what is wanted (the squares around a
    circle), so that the rows must be looked at as well. ``beside_index`` is how one row
    shows it where others have led to it: not by an index of its own.
    """

    name: str
    by_row: Q
    by_index: Q | None = None
    covers: bool = False
    beside_index: Q | None = None

    def searched(self, *, is_led: bool) -> Q:
        """By index where there is one, its own or another's that leads to the row."""
        if self.by_index is None:
            return self.beside_index if is_led and self.beside_index else self.by_row
        return self.by_index & self.by_row if self.covers else self.by_index


def all_of(conditions: Iterable[Condition], *, by_row: bool = False) -> Q:
    """All of them together; no condition is every offer."""
    conditions = list(conditions)
    is_led = has_index(conditions)
    parts = [
        each.by_row if by_row else each.searched(is_led=is_led) for each in conditions
    ]
    return reduce(and_, parts, Q())


def has_index(conditions: Iterable[Condition]) -> bool:
    """Whether an index leads to the offers, rather than a walk through all."""
    return any(each.by_index is not None for each in conditions)


def signs(values: Sequence[str]) -> Q:
    """The rows that bear at least one of these signs."""
    return Q(HasOneOf(Signs(), Value(list(values))))


def of_words(words: Words) -> list[Condition]:
    if words.say_nothing:
        return []
    return [Condition("q", words.anywhere, words.anywhere)]


def of_places(areas: Sequence[Area], radius_km: int) -> list[Condition]:
    """In one of the places, or around it."""
    if not areas:
        return []
    places = [of_place(area, radius_km) for area in areas]
    found = [sign for _, found in places for sign in found or ()]
    return [
        Condition(
            "lieu",
            reduce(or_, (by_row for by_row, _ in places)),
            signs(found) if all(found for _, found in places) else None,
            # Squares go beyond the circle; what else there is, signs say exactly: told
            # twice, PostgreSQL looked for it by a second index, ten times as long.
            covers=any(is_circle(area, radius_km) for area in areas),
        )
    ]


def of_place(area: Area, radius_km: int) -> tuple[Q, Sequence[str] | None]:
    """(told of one row, the signs that its offers bear) of one place.

    Around a commune, those within the radius of its point.
    """
    if area.kind == Kind.DEPARTMENT:
        return Q(department=area.code), [f"department={area.code}"]
    if area.kind == Kind.REGION:
        return Q(region=area.code[1:]), [f"region={area.code[1:]}"]
    if is_circle(area, radius_km) and area.point:
        return on_circle(area.point, radius_km), squares(area.point, radius_km)
    communes = area.communes
    return Q(commune_code__in=communes), [f"commune_code={code}" for code in communes]


def is_circle(area: Area, radius_km: int) -> bool:
    """Whether offers around it are wanted, not those that bear its code."""
    return bool(area.kind == Kind.COMMUNE and radius_km and area.point)


def of_trades(codes: Sequence[str]) -> list[Condition]:
    if not codes:
        return []
    by_index = signs([f"rome_code={code}" for code in codes])
    return [Condition("rome", Q(rome_code__in=codes), by_index)]


def of_days(days: int | None) -> list[Condition]:
    """Created since; the index of dates knows by itself. Beside another index it would
    have all dates of the week put together first, for the sake of a few hundred rows.
    """
    if not days:
        return []
    since = timezone.now() - timedelta(days=days)
    date = F("created_at") + Value(timedelta())
    beside = Q(IsSince(date, Value(since)))
    return [Condition("depuis", Q(created_at__gte=since), beside_index=beside)]


def of_choices(criteria: Criteria) -> list[Condition]:
    """One condition for each of the counted filters in which something is chosen."""
    return [
        of_filter(each, criteria) for each in FILTERS if each.name in criteria.chosen
    ]


def of_filter(each: Filter, criteria: Criteria) -> Condition:
    by_row = each.rows(criteria.chosen[each.name])
    return Condition(each.name, by_row, index_of(by_row))


def of_needs(rows: Mapping[str, Q]) -> list[Condition]:
    """What else a row must say, by the name of the parameter."""
    return [Condition(name, by_row, index_of(by_row)) for name, by_row in rows.items()]


def index_of(by_row: Q) -> Q | None:
    """The same told by signs, where it is « this column is one of these »."""
    match by_row.children:
        case [(str(lookup), values)] if not by_row.negated:
            column, _, what = lookup.rpartition("__")
            if what == "in" and column in SIGNED:
                return signs([sign_of(column, value) for value in values])
    return None


def sign_of(column: str, value: object) -> str:
    """As ``opus_signs`` writes it."""
    told = str(value).lower() if isinstance(value, bool) else value
    return f"{column}={told}"
