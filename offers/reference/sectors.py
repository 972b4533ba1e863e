"""Sectors: divisions of the NAF, by code and typed words."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from offers.reference.communes_in_memory import DATA, plain
from offers.reference.places import LONGEST_TEXT, MOST_CHOICES, SUGGESTIONS
from opus.lib.french_regions import read_rows


class Sector(NamedTuple):
    code: str
    label: str

    def __str__(self) -> str:
        return self.label


@cache
def sectors() -> dict[str, Sector]:
    rows = read_rows(DATA / "secteurs.csv")
    return {row["code"]: Sector(row["code"], row["label"]) for row in rows}


def find_sectors(codes: Sequence[str]) -> list[Sector]:
    """Return sectors by code; an unknown code is its label."""
    return [sectors().get(code) or Sector(code, f"Division {code}") for code in codes]


def suggest_sectors(text: str) -> list[Sector]:
    return matching(text)[:SUGGESTIONS]


def resolve_sectors(text: str) -> list[Sector]:
    if text in sectors():
        return [sectors()[text]]
    exact = [one for one in sectors().values() if plain(one.label) == plain(text)]
    return exact or matching(text)[:MOST_CHOICES]


def matching(text: str) -> list[Sector]:
    words = plain(text[:LONGEST_TEXT]).split()
    return [
        sector
        for sector in sectors().values()
        if words and all(f" {word}" in f" {plain(sector.label)}" for word in words)
    ]
