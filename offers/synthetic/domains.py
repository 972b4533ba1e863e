"""What the offers of a family of trades speak of: ``families.toml``, read once."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FAMILIES = Path(__file__).with_name("families.toml")


@dataclass(frozen=True, slots=True)
class Domain:
    """A family of trades that share a place of work, gestures and a pay.

    ``trades`` are beginnings of ROME codes, ``names`` words of company names; ``pay``
    is the least and the most, in euros an hour. ``diploma``: nobody does it without;
    ``no_agency``: never through a temping agency.
    """

    trades: tuple[str, ...]
    settings: tuple[str, ...]
    tasks: tuple[str, ...]
    skills: tuple[str, ...]
    pay: tuple[float, float]
    names: tuple[str, ...]
    schedules: tuple[str, ...] = ("Travail en journée",)
    permit: str = ""
    diploma: bool = False
    seasonal: bool = False
    no_agency: bool = False


@cache
def domains() -> dict[str, Domain]:
    """By the beginnings of the ROME codes that they speak for."""
    families = tomllib.loads(FAMILIES.read_text(encoding="utf-8")).values()
    found = [read(family) for family in families]
    return {trade: domain for domain in found for trade in domain.trades}


def read(family: dict[str, Any]) -> Domain:
    """A family of the file, its lists made hashable."""
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in family.items()
    }
    return Domain(**values)


@cache
def domain_of(code: str) -> Domain:
    """The family of a trade: that of the longest beginning of its code."""
    known = domains()
    return next(
        known[code[:size]] for size in range(len(code), -1, -1) if code[:size] in known
    )
