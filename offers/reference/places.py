"""Communes, departments and regions, by code and by name.

Addresses have the code (``38193`` a commune, ``38`` a department, ``r84`` a region);
people read and type the label. The gazetteer is in memory, without database: an offer
gets the same place in a worker, an import and a test.
"""

from __future__ import annotations

import csv
import lzma
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache, reduce
from math import asin, cos, radians, sin, sqrt
from operator import or_
from pathlib import Path

from django.db.models import Q

from offers.reference.models import Commune
from opus.lib import french_regions
from opus.lib.french import plain, unaccented
from opus.lib.french_regions import departments, read_rows, regions

DATA = Path(__file__).resolve().parent / "data"
EARTH_KM = 6371.0


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


@lru_cache(maxsize=20_000)
def fold_name(name: str) -> str:
    """Return one spelling of a place name for all sources.

    ``ST MARTIN D HERES`` is Saint-Martin-d'Hères, ``LYON 01`` is Lyon 1er
    Arrondissement.
    """
    idle = r"\bcedex\b.*|\barrondissement\b|\(dept\.?\)"
    bare = re.sub(idle, " ", unaccented(name))
    words = ["sur" if word == "s" else word for word in spell_out(bare).split()]
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

    def region_named(self, name: str) -> str | None:
        return self._regions.get(fold_name(name))


@cache
def french_gazetteer() -> Gazetteer:
    """Return the gazetteer, read once per process (0.2 s)."""
    with lzma.open(DATA / "communes.csv.xz", "rt", encoding="utf-8") as file:
        places = [
            Place(
                code=row["code"],
                name=row["name"],
                department=row["department"],
                region=row["region"],
                postcodes=tuple(filter(None, row["postcodes"].split("|"))),
                latitude=float(row["latitude"]) if row["latitude"] else None,
                longitude=float(row["longitude"]) if row["longitude"] else None,
                population=int(row["population"] or 0),
            )
            for row in csv.DictReader(file)
        ]
    rows = read_rows(DATA / "communes_anciennes.csv")
    return Gazetteer(places, {row["code"]: row["today"] for row in rows})


COMMUNE_CODE = re.compile(r"\d[0-9AB]\d{3}", re.ASCII)
DEPARTMENT_CODE = re.compile(r"\d{2,3}|2[AB]", re.ASCII)
POSTCODE = re.compile(r"\b\d{5}\b", re.ASCII)
# The end of our labels, which people also type: « Isère (38) ».
IN_BRACKETS = re.compile(r"(?P<name>.*?)\s*\((?P<hint>[^()]*)\)\s*", re.DOTALL)

# The cities whose offers are in their arrondissements.
ARRONDISSEMENTS = {
    "75056": tuple(f"751{n:02}" for n in range(1, 21)),
    "69123": tuple(f"6938{n}" for n in range(1, 10)),
    "13055": tuple(f"132{n:02}" for n in range(1, 17)),
}
LONGEST_TEXT = 120
SUGGESTIONS = 10
MOST_CHOICES = 20


class Kind(StrEnum):
    COMMUNE = "commune"
    DEPARTMENT = "département"
    REGION = "région"


@dataclass(frozen=True, slots=True)
class Area:
    code: str
    name: str
    kind: Kind
    department: str = ""
    postcodes: tuple[str, ...] = ()
    # Latitude and longitude; only a commune has some.
    point: tuple[float, float] | None = None

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return a name that no other place has."""
        if self.kind == Kind.COMMUNE:
            return f"{self.name} ({self.department})"
        if self.kind == Kind.DEPARTMENT:
            return f"{self.name} (département {self.code})"
        return f"{self.name} (région)"

    @property
    def detail(self) -> str:
        """Return what distinguishes two equal labels."""
        if self.kind != Kind.COMMUNE:
            return str(self.kind)
        more = ", …" if len(self.postcodes) > 1 else ""
        return f"{self.postcodes[0]}{more}" if self.postcodes else str(self.kind)

    @property
    def communes(self) -> tuple[str, ...]:
        return (self.code, *ARRONDISSEMENTS.get(self.code, ()))

    def contains(self, other: Area) -> bool:
        """Return whether the other place is a smaller part of this one."""
        if self.kind == Kind.COMMUNE or other.kind in (self.kind, Kind.REGION):
            return False
        code = other.department or other.code
        department = french_regions.departments().get(code)
        region = f"r{department.region}" if department else ""
        return self.code in (code, region)


def label_around(area: Area, radius_km: int) -> str:
    if not (radius_km and area.point):
        return area.label
    return f"{area.label} à {radius_km}\N{NO-BREAK SPACE}km"


def spell_out(text: str) -> str:
    """Return ``plain`` with one spelling for St, Ste, Paris 13ème."""
    words = re.sub(r"(?<=[a-z]) arr(ondissement)?$", "", plain(text)).split()
    words = [{"st": "saint", "ste": "sainte"}.get(word, word) for word in words]
    return " ".join(re.sub(r"^0*(\d+)(?:er|e|eme)?$", r"\1", word) for word in words)


def spellings(name: str) -> list[str]:
    """Return a name as typed, and without its article."""
    return [name, *(f"{article} {name}" for article in ("l", "le", "la", "les"))]


@cache
def wide_areas() -> dict[str, Area]:
    """Return departments (``38``, ``2A``, ``971``) and regions (``r84``) by code."""
    departments = (
        Area(department.code, tidy(department.name), Kind.DEPARTMENT)
        for department in french_regions.departments().values()
    )
    regions = (
        Area(f"r{code}", tidy(name), Kind.REGION)
        for code, name in french_regions.regions().items()
    )
    return {area.code: area for area in (*departments, *regions)}


@cache
def named_areas(kind: Kind | None) -> list[tuple[str, Area]]:
    """Return (plain name, area) of a kind, or worth proposing.

    A region of one department (La Réunion) is that department, and the department of
    Paris is its commune: one answer for one place.
    """
    owners = [department.region for department in french_regions.departments().values()]
    idle = {"75", *(f"r{owner}" for owner in owners if owners.count(owner) == 1)}
    return [
        (spell_out(area.name), area)
        for area in wide_areas().values()
        if (area.kind == kind if kind else area.code not in idle)
    ]


def tidy(name: str) -> str:
    return name.replace("'", "’")


def commune_area(commune: Commune | Place) -> Area:
    latitude, longitude, point = commune.latitude, commune.longitude, None
    if latitude is not None and longitude is not None:
        point = latitude, longitude
    return Area(
        code=commune.code,
        name=tidy(commune.name),
        kind=Kind.COMMUNE,
        department=commune.department,
        postcodes=tuple(commune.postcodes),
        point=point,
    )


def find_areas(codes: Sequence[str]) -> list[Area]:
    # Two former communes may have become one.
    return list(dict.fromkeys(areas_by_code(codes).values()))


def areas_by_code(codes: Sequence[str]) -> dict[str, Area]:
    """Return places by code; a former commune gives its successor."""
    communes = french_gazetteer()
    found = {code: commune for code in codes if (commune := communes.commune(code))}
    areas = {code: commune_area(commune) for code, commune in found.items()}
    areas |= wide_areas()
    return {code: areas[code] for code in codes if code in areas}


def suggest(text: str, home: Place | None = None) -> list[Area]:
    """Return places that begin so: exact ones, then the nearest or largest.

    ``home``: where distances count from.
    """
    exact, near = match(text, home.department if home else "")
    if home and home.point:
        origin = home.point
        # A department or region has no point and comes first.
        for found in (exact, near):
            found.sort(key=lambda one: distance_km(*origin, *(one.point or origin)))
    return [*exact, *near][:SUGGESTIONS]


def homonyms(area: Area) -> list[Area]:
    """Return other places of the same name, the largest first."""
    rows = Commune.objects.filter(plain_name=plain(area.name)).exclude(code=area.code)
    communes = map(commune_area, rows.order_by("-population", "code"))
    name = spell_out(area.name)
    wide = [one for known, one in named_areas(None) if known == name and one != area]
    return [*wide, *communes]


def resolve(text: str) -> list[Area]:
    exact, near = match(text)
    return (exact or near)[:MOST_CHOICES]


def match(text: str, home: str = "") -> tuple[list[Area], list[Area]]:
    """Return (places so named or coded; places beginning so).

    ``home``: a department whose small communes are among them.
    """
    text = text[:LONGEST_TEXT].strip()
    if text.upper() in wide_areas():
        return [wide_areas()[text.upper()]], []
    text, kind, department = read_brackets(text)
    postcode = POSTCODE.search(text)
    name = spell_out(POSTCODE.sub(" ", text))
    if not name and not postcode:
        return [], []
    exact, near = [], []
    for plain_name, area in named_areas(kind) if name and not postcode else ():
        if department in ("", area.code):
            if plain_name in spellings(name):
                exact.append(area)
            elif plain_name.startswith(tuple(spellings(name))):
                near.append(area)
    if kind in (None, Kind.COMMUNE):
        communes = find_communes(name, postcode and postcode[0], department, home)
        known = spellings(name)
        named = [c for c in communes if not name or spell_out(c.name) in known]
        # « Corrèze (19) » is how we write the commune, not its department.
        exact = [] if named and department else exact
        exact += map(commune_area, named)
        near += (commune_area(c) for c in communes if c not in named)
    return exact, near


def read_brackets(text: str) -> tuple[str, Kind | None, str]:
    """Return (name, kind, department) of « Mayenne (département 53) »."""
    bracketed = IN_BRACKETS.fullmatch(text)
    if bracketed:
        hint = plain(bracketed["hint"])
        if hint.upper() in french_regions.departments():
            return bracketed["name"], None, hint.upper()
        for kind in (Kind.DEPARTMENT, Kind.REGION):
            if hint.split(" ")[0] == plain(kind):
                return bracketed["name"], kind, hint.partition(" ")[2].upper()
    return text, None, ""


def find_communes(
    name: str, postcode: str | None, department: str, home: str = ""
) -> list[Commune]:
    """Return communes that begin so, in a postcode or department."""
    communes = Commune.objects.order_by("-population", "code")
    if postcode:
        communes = communes.filter(postcodes__contains=[postcode])
    if department:
        communes = communes.filter(department=department)
    if name:
        begins = [Q(plain_name__startswith=spelling) for spelling in spellings(name)]
        communes = communes.filter(reduce(or_, begins))
        # A small commune of exactly this name precedes larger ones that begin so.
        exact = communes.filter(plain_name__in=spellings(name))[:MOST_CHOICES]
        of_home = communes.filter(department=home)[:MOST_CHOICES] if home else ()
        found = (*exact, *of_home, *communes[:MOST_CHOICES])
        return list({commune.code: commune for commune in found}.values())
    return list(communes[:MOST_CHOICES])
