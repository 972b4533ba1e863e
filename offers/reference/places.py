"""Communes, departments and regions, by code and by name.

Addresses have the code (``38193`` a commune, ``38`` a department, ``r84`` a region);
people read and type the label.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, partial, reduce
from operator import or_

from django.db.models import Q

from offers.reference.communes_in_memory import (
    Place,
    distance_km,
    french_gazetteer,
    plain,
)
from offers.reference.models import Commune
from opus.lib import french_regions

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
    latitude: float | None = None
    longitude: float | None = None

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
    def point(self) -> tuple[float, float] | None:
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude

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
    if area.kind != Kind.COMMUNE or not (radius_km and area.point):
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
    return Area(
        code=commune.code,
        name=tidy(commune.name),
        kind=Kind.COMMUNE,
        department=commune.department,
        postcodes=tuple(commune.postcodes),
        latitude=commune.latitude,
        longitude=commune.longitude,
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
        far = partial(distance_from, home.point)
        exact, near = sorted(exact, key=far), sorted(near, key=far)
    return [*exact, *near][:SUGGESTIONS]


def distance_from(point: tuple[float, float], area: Area) -> float:
    """Return kilometres; a department or region has no point and comes first."""
    return distance_km(*point, *area.point) if area.point else 0


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
