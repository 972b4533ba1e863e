"""Departments and regions, from ``offers/reference/build.py``."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True, slots=True)
class Department:
    """A department or collectivity (no region); ``seat``: INSEE code."""

    code: str
    name: str
    region: str
    seat: str


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def departments() -> dict[str, Department]:
    rows = read_rows(DATA / "departements.csv")
    return {row["code"]: Department(**row) for row in rows}


@cache
def regions() -> dict[str, str]:
    return {row["code"]: row["name"] for row in read_rows(DATA / "regions.csv")}


def department_of_postcode(postcode: str) -> Department | None:
    """Return the department; Corsica needs the third digit."""
    known = departments()
    if postcode.startswith("20"):
        return known["2A" if postcode[2:3] in {"0", "1"} else "2B"]
    return known.get(postcode[:3]) or known.get(postcode[:2])
