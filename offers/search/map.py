"""The communes of a search's offers with their numbers, for its small map."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from django.db import connection
from django.urls import reverse

from offers.reference.communes_in_memory import Place, distance_km, french_gazetteer
from offers.reference.places import ARRONDISSEMENTS, Kind, tidy
from offers.search.conditions import is_circle
from offers.search.counting import cap
from offers.search.geometry import Point
from offers.search.map_drawing import Circle, Dot, Drawing, Town, draw, frame_of
from offers.search.results import Search

MOST_POINTS = 200
# A wider circle has no index to lead to its offers, and shows no place.
WIDEST_KM = 200
# Beyond these the table folds.
IN_SIGHT = 10
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


class CommunePoint(NamedTuple):
    """A commune, its offers, and the search of these alone."""

    name: str
    at: Point
    offers: int
    # From the nearest centre; a department has none.
    distance_km: float | None
    url: str


class SearchMap:
    """The map of one search, read in one statement."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.criteria = search.criteria
        self.points: list[CommunePoint] = []
        self.total = 0
        self.communes = 0
        if is_mappable(search):
            for code, offers, total, communes in count_by_commune(search):
                self.total, self.communes = total, communes
                place = french_gazetteer().commune(code)
                if place and place.point:
                    self.points.append(self.point(place, place.point, offers))

    def point(self, place: Place, at: Point, offers: int) -> CommunePoint:
        centres = self.search.centres
        far = min((distance_km(*at, *centre) for centre in centres), default=None)
        alone = self.criteria.changed(places=(place.code,), radius=0)
        return CommunePoint(tidy(place.name), at, offers, far, alone.url)

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
    def in_sight(self) -> list[CommunePoint]:
        return self.points[:IN_SIGHT]

    @property
    def folded(self) -> list[CommunePoint]:
        return self.points[IN_SIGHT:]

    @property
    def circles(self) -> list[Circle]:
        radius = self.criteria.radius
        return [
            Circle(*area.point, radius)
            for area in self.search.areas
            if area.point and is_circle(area, radius)
        ]

    @cached_property
    def drawing(self) -> Drawing:
        dots = [Dot(*p.at, p.offers, p.name, p.url) for p in self.points]
        frame = frame_of(self.circles, dots)
        return draw(frame, self.circles, dots, [*self.centres, *towns(*frame.box)])

    @property
    def centres(self) -> list[Town]:
        return [
            Town(*area.point, area.name)
            for area in self.search.areas
            if area.kind == Kind.COMMUNE and area.point
        ]


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


def count_by_commune(search: Search) -> Sequence[tuple[str, int, int, int]]:
    """Return (commune, its offers, all offers, number of communes).

    As many offers as the list counts, at most.
    """
    rows = search.matches().values_list("commune_code")[: cap()]
    matches, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT.format(matches=matches), [*params, MOST_POINTS])
        return cursor.fetchall()


def towns(south: float, north: float, west: float, east: float) -> list[Town]:
    """Return the largest towns of a part of the map."""
    districts = {code for codes in ARRONDISSEMENTS.values() for code in codes}
    found = french_gazetteer().largest_within((south, north), (west, east))
    named = (place for place in found if place.code not in districts)
    return [
        Town(*place.point, tidy(place.name))
        for place, _ in zip(named, range(MOST_TOWNS), strict=False)
        if place.point
    ]
