import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FAMILIES = Path(__file__).with_name("families.toml")


@dataclass(frozen=True, slots=True)
class Domain:
    """Trades that share a workplace, gestures and a pay.

    ``trades``: beginnings of ROME codes; ``names``: words of company names; ``pay``:
    euros an hour; ``diploma``: always required; ``no_agency``: no temping.
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
    families = tomllib.loads(FAMILIES.read_text(encoding="utf-8")).values()
    found = [read(family) for family in families]
    return {trade: domain for domain in found for trade in domain.trades}


def read(family: dict[str, Any]) -> Domain:
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in family.items()
    }
    return Domain(**values)


@cache
def domain_of(code: str) -> Domain:
    known = domains()
    return next(
        known[code[:size]] for size in range(len(code), -1, -1) if code[:size] in known
    )
