import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from offers.enums import PlaceSource
from offers.payload.text import UnsoundOffer, clean_line, text_of
from offers.reference.places import (
    COMMUNE_CODE,
    POSTCODE,
    Place,
    distance_km,
    french_gazetteer,
)
from opus.lib.french_regions import department_of_postcode, departments

# Beyond this from its own commune (or its department's prefecture), a point is a slip.
COMMUNE_REACH_KM = 100.0
DEPARTMENT_REACH_KM = 350.0

# (south, north, west, east) of France, for points without other evidence.
FRENCH_BOXES = [
    (40.0, 52.0, -6.0, 10.0),  # metropole
    (14.0, 18.6, -63.5, -60.5),  # Antilles
    (1.5, 6.5, -55.5, -51.0),  # Guyane
    (-22.0, -20.5, 54.5, 56.5),  # La Réunion
    (-13.5, -12.0, 44.5, 45.6),  # Mayotte
    (46.4, 47.4, -57.0, -55.8),  # Saint-Pierre-et-Miquelon
    (-29.0, -7.0, -180.0, -133.0),  # Polynésie, Wallis-et-Futuna
    (-23.5, -17.5, 158.0, 172.5),  # Nouvelle-Calédonie
]

LABEL_PREFIX = re.compile(r"(\d{2,3}|2[AB])(?:\s*-\s*(.*))?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Placement:
    label: str
    commune_code: str
    postcode: str
    department: str
    region: str
    latitude: float | None
    longitude: float | None
    source: PlaceSource


def is_french(latitude: float, longitude: float) -> bool:
    return any(
        south <= latitude <= north and west <= longitude <= east
        for south, north, west, east in FRENCH_BOXES
    )


def read_degrees(place: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return latitude and longitude. Raises UnsoundOffer: no numbers."""
    numbers = []
    for key in ("latitude", "longitude"):
        value = place.get(key)
        if value is None:
            return None
        if isinstance(value, str):
            try:
                value = float(value.replace(",", "."))
            except ValueError as error:
                raise UnsoundOffer(f"« {key} » : un nombre est attendu.") from error
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UnsoundOffer(f"« {key} » : un nombre est attendu.")
        if not -180 <= value <= 180:  # also false for infinities
            return None
        numbers.append(float(value))
    # A missing coordinate becomes 0, in the sea off Ghana.
    if all(abs(number) < 0.01 for number in numbers):
        return None
    return numbers[0], numbers[1]


def settle_point(
    degrees: tuple[float, float] | None, landmark: tuple[float, float, float] | None
) -> tuple[float, float, PlaceSource] | None:
    """Return the point, corrected if swapped, None if wrong.

    ``landmark``: latitude, longitude and radius (km) of the named place.
    """
    if degrees is None:
        return None
    straight = (*degrees, PlaceSource.GIVEN)
    swapped = (degrees[1], degrees[0], PlaceSource.SWAPPED)
    for point in (straight, swapped):
        if abs(point[0]) > 90:
            continue
        if landmark is None:
            if is_french(point[0], point[1]):
                return point
        elif distance_km(point[0], point[1], landmark[0], landmark[1]) <= landmark[2]:
            return point
    # An offer abroad keeps its point: nothing here can prove it wrong.
    return straight if landmark is None and abs(degrees[0]) <= 90 else None


def read_place(place: Mapping[str, Any]) -> Placement:
    """Read a place; raise UnsoundOffer for a wrong type."""
    gazetteer = french_gazetteer()
    label = clean_line(text_of(place, "libelle"), 120)
    code = text_of(place, "commune").strip().upper()
    postcode = text_of(place, "codePostal").strip()
    postcode = postcode if POSTCODE.fullmatch(postcode) else ""
    degrees = read_degrees(place)
    prefix = LABEL_PREFIX.fullmatch(label)
    department = departments().get(prefix[1].upper()) if prefix else None
    if department is None and postcode:
        department = department_of_postcode(postcode)

    commune: Place | None = None
    source = PlaceSource.COMMUNE
    if COMMUNE_CODE.fullmatch(code):
        commune = gazetteer.commune(code)
    if commune is None:
        commune = gazetteer.find(
            (prefix[2] or "") if prefix else label,
            postcode=postcode,
            department=department.code if department else "",
        )
        if commune and postcode in commune.postcodes:
            source = PlaceSource.POSTCODE
    if commune:
        department = departments().get(commune.department)
        region: str | None = commune.region
    elif department:
        region = department.region
    else:
        region = gazetteer.region_named(label)

    seat = commune or (department and gazetteer.commune(department.seat))
    reach = COMMUNE_REACH_KM if commune else DEPARTMENT_REACH_KM
    landmark = (*seat.point, reach) if seat and seat.point else None
    point = settle_point(degrees, landmark)
    if point is None and commune and commune.point:
        point = (*commune.point, source)
    latitude, longitude, source = point or (None, None, PlaceSource.NONE)
    return Placement(
        label=label,
        commune_code=commune.code if commune else "",
        postcode=postcode,
        department=department.code if department else "",
        region=region or "",
        latitude=latitude,
        longitude=longitude,
        source=source,
    )
