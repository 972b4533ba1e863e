"""The communes of a search's offers with their numbers, for its small map."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product
from math import cos, hypot, radians, sqrt
from typing import NamedTuple

from django.urls import reverse

from offers.reference.places import (
    ARRONDISSEMENTS,
    EARTH_KM,
    Area,
    Kind,
    commune_area,
    distance_km,
    french_gazetteer,
    tidy,
)
from offers.search.conditions import Point, is_circle, select
from offers.search.results import Search
from offers.search.sql import cap

# Of the drawing, in its own units, as in its template: a square.
SIZE = 360
KM_A_DEGREE = EARTH_KM * radians(1)
# Around what is drawn, as a part of its width; a place has some width at least.
MARGIN = 0.04
LEAST_KM = 4
# The radius of a dot: at least, and with the most offers, if these are not few.
SMALLEST, LARGEST, MANY = 4, 15, 20
# From which a dot has room for its number; half of a figure.
NUMBERED, HALF_FIGURE = 8, 4
# Distances of the rings: the two longest that are within the circle.
RINGS_KM = (1, 2, 5, 10, 20, 50, 100)
MOST_RINGS = 2
MOST_NAMES = 8
# Of a name: an average letter, the height of its line.
LETTER, LINE = 6, 13


class CommunePoint(NamedTuple):
    """A commune, its offers, and the search of these alone."""

    name: str
    at: Point
    offers: int
    # From the nearest centre; a department has none.
    distance_km: float | None
    url: str


@dataclass(frozen=True, slots=True)
class Frame:
    """A square of the map: its middle and its width."""

    latitude: float
    longitude: float
    width_km: float

    @property
    def scale(self) -> float:
        return SIZE / self.width_km

    def place(self, point: Point) -> tuple[float, float]:
        """Return (x, y) of a point of the map."""
        latitude, longitude = point
        east = (longitude - self.longitude) * cos(radians(self.latitude))
        north = latitude - self.latitude
        middle = SIZE / 2
        return (
            middle + east * KM_A_DEGREE * self.scale,
            middle - north * KM_A_DEGREE * self.scale,
        )

    def pixel(self, point: Point) -> tuple[int, int]:
        """Return (x, y) in whole numbers, which every language writes alike."""
        x, y = self.place(point)
        return round(x), round(y)

    def contains(self, point: Point) -> bool:
        return all(0 <= part <= SIZE for part in self.place(point))


class DrawnCircle(NamedTuple):
    x: int
    y: int
    r: int
    # Of a ring, said at its top.
    label: str = ""
    label_y: int = 0


class DrawnDot(NamedTuple):
    x: int
    y: int
    r: int
    # Within the dot, if it has room.
    number: str
    of: CommunePoint


class DrawnName(NamedTuple):
    x: int
    y: int
    name: str


class Drawing(NamedTuple):
    circles: list[DrawnCircle]
    rings: list[DrawnCircle]
    # Of the circles, as small squares.
    centres: list[tuple[int, int]]
    # The largest first, so that the others lie above.
    dots: list[DrawnDot]
    names: list[DrawnName]


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    @property
    def is_inside(self) -> bool:
        return min(self.left, self.top) >= 0 and max(self.right, self.bottom) <= SIZE


def frame_of(circles: Iterable[tuple[Point, float]]) -> Frame:
    """Return the square around circles: their middles and radii in km."""
    latitudes, longitudes = [], []
    for (latitude, longitude), radius_km in circles:
        reach = radius_km / KM_A_DEGREE
        wide = reach / cos(radians(latitude))
        latitudes += [latitude - reach, latitude + reach]
        longitudes += [longitude - wide, longitude + wide]
    latitude = (min(latitudes) + max(latitudes)) / 2
    longitude = (min(longitudes) + max(longitudes)) / 2
    tall = max(latitudes) - min(latitudes)
    wide = (max(longitudes) - min(longitudes)) * cos(radians(latitude))
    width = max(tall, wide) * KM_A_DEGREE
    return Frame(latitude, longitude, max(LEAST_KM, width * (1 + 2 * MARGIN)))


def draw(
    centres: Sequence[Point],
    radius_km: int,
    points: Sequence[CommunePoint],
    towns: Callable[[Frame], Iterable[Area]],
) -> Drawing:
    """Return the map of points, with circles; the first towns are named first."""
    circles = [*((at, radius_km) for at in centres), *((one.at, 0) for one in points)]
    frame = frame_of(circles)
    most = max((one.offers for one in points), default=0)
    dots = [draw_dot(frame, one, max(most, MANY)) for one in points]
    dots.sort(key=lambda dot: -dot.r)
    dots = [without_covered_number(dot, dots[n:]) for n, dot in enumerate(dots, 1)]
    rings_km = [km for km in RINGS_KM if km < radius_km][-MOST_RINGS:]
    return Drawing(
        [draw_circle(frame, at, radius_km) for at in centres],
        [draw_circle(frame, at, km) for at in centres for km in rings_km],
        [frame.pixel(at) for at in centres],
        dots,
        list(draw_names(frame, towns(frame), dots)),
    )


def draw_circle(frame: Frame, at: Point, radius_km: float) -> DrawnCircle:
    x, y = frame.pixel(at)
    r = round(radius_km * frame.scale)
    label = f"{radius_km}\N{NO-BREAK SPACE}km"
    return DrawnCircle(x, y, r, label, y - r + LINE // 4)


def draw_dot(frame: Frame, point: CommunePoint, most: int) -> DrawnDot:
    """Return a dot whose surface grows with its offers."""
    x, y = frame.pixel(point.at)
    r = max(SMALLEST, round(LARGEST * sqrt(point.offers / most)))
    number = str(point.offers)
    has_room = r >= NUMBERED and len(number) * HALF_FIGURE < r
    return DrawnDot(x, y, r, number if has_room else "", point)


def without_covered_number(dot: DrawnDot, above: Sequence[DrawnDot]) -> DrawnDot:
    """Return the dot, without a number that a dot above would cut."""
    reach = HALF_FIGURE * len(dot.number)
    if dot.number and any(
        hypot(dot.x - other.x, dot.y - other.y) < other.r + reach for other in above
    ):
        return dot._replace(number="")
    return dot


def draw_names(
    frame: Frame, towns: Iterable[Area], dots: Sequence[DrawnDot]
) -> Iterator[DrawnName]:
    """Return names that cover no other nor a number, and no dot if they can."""
    numbers = [box_of(dot) for dot in dots if dot.number]
    all_dots = [box_of(dot) for dot in dots]
    named: dict[str, Box] = {}
    for town in towns:
        if not town.point or town.name in named or len(named) == MOST_NAMES:
            continue
        x, y = frame.place(town.point)
        own = [dot.r for dot in dots if abs(dot.x - x) < 1 and abs(dot.y - y) < 1]
        beside = list(boxes_beside(x, y, max(own, default=SMALLEST), len(town.name)))
        for covered, box in product((all_dots, numbers), beside):
            others = (*covered, *named.values())
            if box.is_inside and not any(map(box.meets, others)):
                named[town.name] = box
                middle = round((box.left + box.right) / 2)
                yield DrawnName(middle, round(box.bottom - LINE / 4), town.name)
                break


def box_of(dot: DrawnDot) -> Box:
    return Box(dot.x - dot.r, dot.y - dot.r, dot.x + dot.r, dot.y + dot.r)


def boxes_beside(x: float, y: float, gap: float, letters: int) -> Iterator[Box]:
    """Return the places of a name: right, left, above, below."""
    wide, tall = letters * LETTER, LINE
    gap += 2
    for left, top in (
        (x + gap, y - tall / 2),
        (x - gap - wide, y - tall / 2),
        (x - wide / 2, y - gap - tall),
        (x - wide / 2, y + gap),
    ):
        yield Box(left, top, left + wide, top + tall)


MOST_POINTS = 200
# A wider circle has no index to lead to its offers, and shows no place.
WIDEST_KM = 200
# More towns than have room for their names.
MOST_TOWNS = 20

# Offers that say no commune come last.
STATEMENT = """
SELECT commune_code, offers, (sum(offers) OVER ())::integer, count(*) OVER ()
FROM (
    SELECT commune_code, count(*) AS offers
    FROM ({matches}) AS found
    GROUP BY commune_code
) AS counted
ORDER BY commune_code = '', offers DESC, commune_code
LIMIT %s
"""


class SearchMap:
    """The map of one search, read in one statement."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.criteria = search.criteria
        self.points: list[CommunePoint] = []
        self.total = 0
        self.communes = 0
        if is_mappable(search):
            # As many offers as the list counts, at most.
            rows = search.matches().values_list("commune_code")[: cap()]
            matches, params = rows.query.sql_with_params()
            statement = STATEMENT.format(matches=matches)
            counted = select(statement, [*params, MOST_POINTS])
            for code, offers, self.total, self.communes in counted:
                place = french_gazetteer().commune(code)
                if place and place.point:
                    centres, at = search.centres, place.point
                    far = min((distance_km(*at, *one) for one in centres), default=None)
                    alone = self.criteria.changed(places=(code,), radius=0).url
                    point = CommunePoint(tidy(place.name), at, offers, far, alone)
                    self.points.append(point)

    @property
    def says_something(self) -> bool:
        return len(self.points) > 1

    @property
    def shown(self) -> int:
        return sum(point.offers for point in self.points)

    @property
    def elsewhere(self) -> int:
        """Count the offers found that no point has."""
        return self.total - self.shown

    @property
    def is_cut(self) -> bool:
        """Return whether communes are left out."""
        return self.communes > MOST_POINTS

    @property
    def is_capped(self) -> bool:
        return self.total >= cap()

    @property
    def centres(self) -> list[Area]:
        return [area for area in self.search.areas if area.point]

    @cached_property
    def drawing(self) -> Drawing:
        radius = self.criteria.radius
        circles = [
            area.point
            for area in self.search.areas
            if area.point and is_circle(area, radius)
        ]

        def towns(frame: Frame) -> Iterable[Area]:
            """Return the centres, then the largest towns of the frame."""
            districts = {code for some in ARRONDISSEMENTS.values() for code in some}
            largest = (
                commune_area(place)
                for place in french_gazetteer().towns(0)
                if place.code not in districts
                and place.point
                and frame.contains(place.point)
            )
            return [*self.centres, *islice(largest, MOST_TOWNS)]

        return draw(circles, radius, self.points, towns)


def is_mappable(search: Search) -> bool:
    """Return whether a place bounds the search, wider than a commune."""
    areas, radius = search.areas, search.criteria.radius
    if not areas or radius > WIDEST_KM and any(is_circle(a, radius) for a in areas):
        return False
    return len(areas) > 1 or not (
        areas[0].kind == Kind.COMMUNE
        and not is_circle(areas[0], radius)
        and len(areas[0].communes) == 1
    )


def map_url(search: Search) -> str:
    """Return the address of a search's map; empty if it has none."""
    if search.count < 2 or not is_mappable(search):
        return ""
    return f"{reverse('offers_map')}?{search.criteria.with_page(1).query_string}"
