"""Write each condition of a search in two ways.

``by_index`` (words and tags) is fast if few rows match, ``by_row`` on walks along the
dates. Both find the same offers. Distances are on a sphere of 6 371 km.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, reduce
from math import asin, cos, degrees, floor, pi, radians, sin
from operator import and_, or_
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQueryField, SearchVectorField
from django.db import connection
from django.db.models import BooleanField, F, FloatField, Func, Q, TextField, Value
from django.db.models.expressions import Combinable, RawSQL
from django.utils import timezone

from offers.reference.places import EARTH_KM, Area, Kind


def select(statement: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


class TextQuery(Func):
    function = "opus_query"
    output_field = SearchQueryField()


class Weighed(Func):
    """A search query limited to parts of these weights."""

    function = "opus_weighed"
    output_field = SearchQueryField()


class SaysNothing(Func):
    function = "opus_query"
    template = "numnode(%(function)s(%(expressions)s)) = 0"
    output_field = BooleanField()


class Matches(Func):
    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()


class Names(Func):
    """The indexed vector of title, appellation, trade, company."""

    template = "ts_filter(%(expressions)s, '{a,b}')"
    output_field = SearchVectorField()


class Read(Func):
    template = "%(expressions)s::tsquery"
    output_field = SearchQueryField()


class Reading(NamedTuple):
    """Words as literal queries, by weights; their only stem."""

    anywhere: str
    title: str
    names: str
    stem: str | None


@lru_cache(maxsize=1_000)
def read(text: str) -> Reading:
    """Parse words, with a cache: half of the planning."""
    [row] = select(
        "SELECT opus_query(asked)::text, opus_weighed(asked, 'A')::text,"
        " opus_weighed(asked, 'AB')::text, substring(opus_name_key(asked), '^\\S*$')"
        " FROM (SELECT %s::text) AS words (asked)",
        [text],
    )
    return Reading(*row)


class Words(NamedTuple):
    """A search's words as conditions; PostgreSQL parses those unread.

    ``trades``: ROME codes whose offers are found, too.
    """

    text: str
    reading: Reading | None = None
    trades: tuple[str, ...] = ()

    def read(self) -> Words:
        return self._replace(reading=read(self.text)) if self.text else self

    @property
    def say_nothing(self) -> bool:
        return not self.text or self.reading is not None and not self.reading.anywhere

    @property
    def anywhere(self) -> Q:
        found = self.found_in(F("vector"))
        return found if self.reading else Q(SaysNothing(Value(self.text))) | found

    def found_in(self, vector: Combinable) -> Q:
        question = (
            Read(Value(self.reading.anywhere))
            if self.reading
            else TextQuery(Value(self.text))
        )
        return Q(Matches(vector, question))

    @property
    def in_title(self) -> Q:
        """Match all words in title and appellation (A)."""
        return self.weighed("A")

    @property
    def in_names(self) -> Q:
        """Match all words in title, appellation, trade, company (A, B)."""
        return self.weighed("AB")

    def weighed(self, weights: str) -> Q:
        question: Func = Weighed(Value(self.text), Value(weights))
        if self.reading:
            reading = self.reading.title if weights == "A" else self.reading.names
            question = Read(Value(reading))
        return Q(Matches(F("vector"), question))

    @property
    def in_names_by_index(self) -> Q:
        return self.found_in(Names(F("vector")))


# Prefilters are a little wider than the circle: rounding never loses an offer.
MARGIN = 1.001
# Antipodes may give 1.0000000000000002, which has no arc sine.
JUST_UNDER_ONE = 1 - 1e-15

LATITUDE, LONGITUDE = (
    f'"offers_offersearch".{name}' for name in ("latitude", "longitude")
)
# From a latitude, its cosine and a longitude; no row without a point has one.
DISTANCE = (
    f"{2 * EARTH_KM} * asin(sqrt({JUST_UNDER_ONE!r} * ("
    f"power(sin(radians({LATITUDE} - %s) / 2), 2)"
    f" + cos(radians({LATITUDE})) * %s"
    f" * power(sin(radians({LONGITUDE} - %s) / 2), 2))))"
)

type Point = tuple[float, float]
# From, to.
type Span = tuple[float, float]


class Grid(NamedTuple):
    """Map squares of ``opus_tags``, with their largest radius (km).

    Beyond that radius, a circle has too many squares.
    """

    tag: str
    per_degree: int
    reach_km: int


# Few squares make a quick query: a dozen for 10, 30 or 100 km.
GRIDS = (Grid("fine", 10, 15), Grid("middle", 3, 50), Grid("coarse", 1, 200))


def distance_from(point: Point) -> RawSQL:
    """Return raw SQL, as below: the ORM took a quarter of a page's Python."""
    return RawSQL(DISTANCE, arc_from(point), FloatField())  # noqa: S611 - a text of ours


def arc_from(point: Point) -> list[float]:
    latitude, longitude = point
    return [latitude, cos(radians(latitude)), longitude]


def on_circle(point: Point, radius_km: float) -> Q:
    """Return rows within a radius: cheap box, then the arc."""
    (south, north), east_west = box_around(point, radius_km * MARGIN)
    sql, params = f"{LATITUDE} BETWEEN %s AND %s", [south, north]
    if east_west:
        sql += f" AND {LONGITUDE} BETWEEN %s AND %s"
        params += east_west
    sql += f" AND {DISTANCE} <= %s"
    params += [*arc_from(point), float(radius_km)]
    return Q(RawSQL(f"({sql})", params, BooleanField()))  # noqa: S611 - idem


def box_around(point: Point, radius_km: float) -> tuple[Span, Span | None]:
    """Return a circle's latitudes, and longitudes unless it has all."""
    latitude, longitude = point
    angle = radius_km / EARTH_KM
    reach = degrees(angle)
    north_south = latitude - reach, latitude + reach
    # A circle around a pole touches every meridian.
    if abs(latitude) + reach >= 90 or angle >= pi / 2:
        return north_south, None
    sideways = degrees(asin(sin(angle) / cos(radians(latitude))))
    if abs(longitude) + sideways > 180:
        return north_south, None  # Across the date line: Wallis, far enough.
    return north_south, (longitude - sideways, longitude + sideways)


def squares(point: Point, radius_km: float) -> list[str] | None:
    """Return tags of the squares around a circle, if useful."""
    grid = next((grid for grid in GRIDS if radius_km <= grid.reach_km), None)
    rows, columns = box_around(point, radius_km * MARGIN)
    if grid is None or columns is None:
        return None
    return [
        f"{grid.tag}={row}/{column}"
        for row in numbers(rows, grid.per_degree)
        for column in numbers(columns, grid.per_degree)
    ]


def numbers(span: Span, per_degree: int) -> range:
    low, high = span
    return range(floor(low * per_degree), floor(high * per_degree) + 1)


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
    return bool(radius_km and area.point)


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
                # As ``opus_tags`` writes them.
                texts = (str(v).lower() if isinstance(v, bool) else v for v in values)
                return tags([f"{column}={text}" for text in texts])
        case [Matches()]:
            return by_row
        case [_, _, *_] if by_row.connector == Q.OR and not by_row.negated:
            parts = (Q(child) for child in by_row.children)
            each = [index_of(part) for part in parts]
            return reduce(or_, filter(None, each)) if all(each) else None
    return None
