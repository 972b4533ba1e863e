"""Distances in SQL, on a sphere of 6 371 km."""

from math import asin, cos, degrees, floor, pi, radians, sin
from typing import NamedTuple

from django.db.models import BooleanField, FloatField, Q
from django.db.models.expressions import RawSQL

from offers.reference.communes_in_memory import EARTH_KM

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
