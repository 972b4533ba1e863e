"""Communes, departments and regions in memory, from ``offers/reference/data``.

Without database: an offer gets the same place in a worker, an import and a test.
"""

import csv
import lzma
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path

from opus.lib.french_regions import departments, read_rows, regions

DATA = Path(__file__).resolve().parent / "data"
EARTH_KM = 6371.0
ABBREVIATIONS = {"st": "saint", "ste": "sainte", "s": "sur"}


@dataclass(frozen=True, slots=True)
class Place:
    """A current commune or municipal arrondissement."""

    code: str
    name: str
    department: str
    region: str
    postcodes: tuple[str, ...]
    latitude: float | None
    longitude: float | None
    population: int

    @property
    def point(self) -> tuple[float, float] | None:
        """Return (latitude, longitude); a few southern communes have none."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


def distance_km(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> float:
    """Return the great-circle distance, on the search's sphere."""
    a, b = radians(latitude), radians(other_latitude)
    half = sin((b - a) / 2) ** 2
    half += cos(a) * cos(b) * sin(radians(other_longitude - longitude) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, half)))


def unaccented(text: str) -> str:
    """Return lower case without accents and ligatures."""
    text = text.lower().replace("œ", "oe").replace("æ", "ae")
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part))


def plain(text: str) -> str:
    """Return a name without accents, case, signs, as ``opus_plain``."""
    return " ".join(re.findall(r"[a-z0-9]+", unaccented(text)))


@lru_cache(maxsize=20_000)
def fold_name(name: str) -> str:
    """Return one spelling of a place name for all sources.

    ``ST MARTIN D HERES`` is Saint-Martin-d'Hères, ``LYON 01`` is Lyon 1er
    Arrondissement.
    """
    pattern = r"\bcedex\b.*|\barrondissement\b|\(dept\.?\)"
    text = re.sub(pattern, " ", unaccented(name))
    text = re.sub(r"\b0*(\d+)(?:er|eme|e)?\b", r"\1", text)
    words = [ABBREVIATIONS.get(word, word) for word in re.findall(r"[a-z0-9]+", text)]
    if len(words) > 1 and words[0] in {"l", "le", "la", "les"}:
        words = words[1:]
    return " ".join(words)


class Gazetteer:
    def __init__(self, places: Iterable[Place], former: Mapping[str, str]) -> None:
        self._places = {place.code: place for place in places}
        self._former = former
        self._regions = {fold_name(name): code for code, name in regions().items()}
        self._by_postcode: dict[str, list[Place]] = defaultdict(list)
        self._by_department: dict[str, list[Place]] = defaultdict(list)
        for place in self._places.values():
            self._by_department[place.department].append(place)
            for postcode in place.postcodes:
                self._by_postcode[postcode].append(place)
        self._names: dict[str, dict[str, Place]] = {}
        self._by_size = sorted(self._places.values(), key=lambda one: -one.population)

    def __iter__(self) -> Iterator[Place]:
        return iter(self._places.values())

    def commune(self, code: str) -> Place | None:
        """Find by INSEE code, former codes included."""
        return self._places.get(code) or self._places.get(self._former.get(code, ""))

    def find(self, name: str, *, postcode: str, department: str) -> Place | None:
        """Find by postcode and name, else name, else postcode."""
        places = self._by_postcode.get(postcode, [])
        wanted = fold_name(name)
        for place in places:
            if fold_name(place.name) == wanted:
                return place
        if found := self.by_name(name, department):
            return found
        # A city shares its postcodes with its arrondissements: prefer these.
        return max(
            places,
            key=lambda place: (len(place.postcodes) == 1, place.population),
            default=None,
        )

    def by_name(self, name: str, department: str) -> Place | None:
        """Find by name in a department.

        A name that is also the department's (``53 - Mayenne``) means the department,
        except Paris.
        """
        wanted = fold_name(name)
        owner = departments().get(department)
        if owner and fold_name(owner.name) == wanted and department != "75":
            return None
        if department not in self._names:
            self._names[department] = {
                fold_name(place.name): place
                for place in self._by_department[department]
            }
        return self._names[department].get(wanted)

    def towns(self, least: int, department: str = "") -> list[Place]:
        """Return communes of so many people, all or of a department."""
        places = (
            self._by_department.get(department, []) if department else self._by_size
        )
        return [place for place in places if place.population >= least]

    def largest_within(
        self, latitudes: tuple[float, float], longitudes: tuple[float, float]
    ) -> Iterator[Place]:
        """Return the communes of a part of the map, the largest first."""
        (south, north), (west, east) = latitudes, longitudes
        for place in self._by_size:
            latitude, longitude = place.latitude, place.longitude
            if latitude is None or longitude is None:
                continue
            if south <= latitude <= north and west <= longitude <= east:
                yield place

    def region_named(self, name: str) -> str | None:
        return self._regions.get(fold_name(name))


def read_places() -> Iterable[Place]:
    with lzma.open(DATA / "communes.csv.xz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield Place(
                code=row["code"],
                name=row["name"],
                department=row["department"],
                region=row["region"],
                postcodes=tuple(filter(None, row["postcodes"].split("|"))),
                latitude=float(row["latitude"]) if row["latitude"] else None,
                longitude=float(row["longitude"]) if row["longitude"] else None,
                population=int(row["population"] or 0),
            )


@cache
def french_gazetteer() -> Gazetteer:
    """Return the gazetteer, read once per process (0.2 s)."""
    rows = read_rows(DATA / "communes_anciennes.csv")
    return Gazetteer(read_places(), {row["code"]: row["today"] for row in rows})
