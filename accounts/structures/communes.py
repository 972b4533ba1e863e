"""The commune of a structure: chosen in the official list, never a typed code."""

from typing import Any

from django.apps import apps
from django.db.models import Exists, Func, OuterRef, Q, QuerySet, Value

from opus.lib.french_regions import department_of_postcode


def official(name: str = "Commune") -> QuerySet[Any]:
    """Return the rows of the app above: the structure only cites their code."""
    return apps.get_model("offers", name).objects.order_by()


def communes_at(postcode: str) -> list[Any]:
    """Return the communes of a postcode; of its department for a CEDEX."""
    if not postcode.isdecimal():
        return []
    found = official().filter(postcodes__contains=[postcode])
    if not found.exists():
        department = department_of_postcode(postcode)
        found = official().filter(department=department.code if department else "")
    return list(found.order_by("plain_name", "code"))


def has_postcode(commune: Any, postcode: str) -> bool:
    return postcode in commune.postcodes


def name_of(commune: Any) -> str:
    """Return its name; the list has the typewriter's apostrophe."""
    name: str = commune.name
    return name.replace("'", "’")


def in_a_commune(city: str) -> int:
    """Return the length of a commune's official name, else 0."""
    name = Func(Value(city), function="opus_plain")
    return len(city) if official().filter(plain_name=name).exists() else 0


def is_listed() -> Q:
    """Match structures whose commune the list knows, or knew (merged since)."""
    here, before = OuterRef("commune_code"), official("FormerCommune")
    return Q(Exists(official().filter(code=here))) | Q(Exists(before.filter(code=here)))
