"""Distances between offers and a point, on a sphere of 6 371 km, in SQL."""

from math import asin, cos, degrees, floor, pi, radians, sin
from typing import NamedTuple

from django.db.models import BooleanField, F, FloatField, Func, Q, Value
from django.db.models.expressions import Combinable, CombinedExpression
from django.db.models.functions import ASin, Cos, Power, Radians, Sin, Sqrt

from offers.gazetteer import EARTH_KM

# PostgreSQL's earthdistance measures on a sphere of this radius.
EARTHDISTANCE_KM = 6378.168
# Up to here the index of points leaves fewer rows to look at than a box does (on
# 115 000 offers; alike at 100 km).
INDEX_REACH_KM = 50
# Prefilters are a little wider than the circle: rounding never costs an offer.
MARGIN = 1.001
# Antipodes may give 1.0000000000000002, which has no arc sine.
JUST_UNDER_ONE = 1 - 1e-15

type Point = tuple[float, float]
# From, to.
type Span = tuple[float, float]


class Grid(NamedTuple):
    """Squares of a map, written down for each offer as signs (``opus_signs``).

    So many to a degree; of use for circles up to that radius: beyond, a circle has too
    many squares, and most offers lie in it anyway.
    """

    sign: str
    per_degree: int
    reach_km: int


# Few squares make a quick question: a dozen for 10, 30 or 100 km.
GRIDS = (Grid("fine", 10, 15), Grid("middle", 3, 50), Grid("coarse", 1, 200))


def distance_from(point: Point) -> CombinedExpression:
    """Kilometres from a point to that of a row (haversine); null where it has none."""
    latitude, longitude = point
    half = Power(Sin(Radians(F("latitude") - Value(latitude)) / 2), 2) + Cos(
        Radians("latitude")
    ) * Value(cos(radians(latitude))) * Power(
        Sin(Radians(F("longitude") - Value(longitude)) / 2), 2
    )
    arc = ASin(Sqrt(half * Value(JUST_UNDER_ONE)))
    return CombinedExpression(arc, Combinable.MUL, Value(2 * EARTH_KM))


def within(point: Point, radius_km: float) -> Q:
    """The rows at most that far from a point, found by the index of points."""
    near = (
        in_earth_box(point, radius_km * MARGIN) if radius_km <= INDEX_REACH_KM else Q()
    )
    return near & on_circle(point, radius_km)


def on_circle(point: Point, radius_km: float) -> Q:
    """The same, told of one row: the box first, which costs less than the arc."""
    return (
        Q(latitude__isnull=False)
        & in_box(point, radius_km * MARGIN)
        & Q(OnCircle(distance_from(point), Value(float(radius_km))))
    )


class OnCircle(Func):
    """A comparison as an expression."""

    template = "%(expressions)s"
    arg_joiner = " <= "
    arity = 2
    output_field = BooleanField()


class Contains(OnCircle):
    """Whether a cube holds a point: what the index of points answers."""

    arg_joiner = " @> "


def in_earth_box(point: Point, radius_km: float) -> Q:
    """The rows in the cube around a circle, by the index of points."""
    metres = radius_km * 1000 * EARTHDISTANCE_KM / EARTH_KM
    cube = Func(
        earth_point(Value(point[0]), Value(point[1])),
        Value(metres),
        function="earth_box",
        output_field=FloatField(),
    )
    return Q(Contains(cube, earth_point(F("latitude"), F("longitude"))))


def earth_point(latitude: Combinable, longitude: Combinable) -> Func:
    return Func(latitude, longitude, function="ll_to_earth", output_field=FloatField())


def in_box(point: Point, radius_km: float) -> Q:
    """The rows between the parallels and meridians that touch a circle."""
    north_south, east_west = box_around(point, radius_km)
    box = Q(latitude__range=north_south)
    return box & Q(longitude__range=east_west) if east_west else box


def box_around(point: Point, radius_km: float) -> tuple[Span, Span | None]:
    """The degrees that a circle touches: (of latitude, of longitude if not all)."""
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
    """The signs of the squares around a circle; None where they would be no help."""
    grid = next((grid for grid in GRIDS if radius_km <= grid.reach_km), None)
    rows, columns = box_around(point, radius_km * MARGIN)
    if grid is None or columns is None:
        return None
    return [
        f"{grid.sign}={row}/{column}"
        for row in numbers(rows, grid.per_degree)
        for column in numbers(columns, grid.per_degree)
    ]


def numbers(span: Span, per_degree: int) -> range:
    low, high = span
    return range(floor(low * per_degree), floor(high * per_degree) + 1)
