"""Sectors of activity: the divisions of the NAF, by code and by what people type."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from offers.gazetteer import DATA
from offers.places import plain
from offers.trades import LONGEST_TEXT, MOST_CHOICES, SUGGESTIONS
from opus.lib.territory import read_rows


class Sector(NamedTuple):
    """A division of the NAF: « 43 », « Travaux de construction spécialisés »."""

    code: str
    label: str

    def __str__(self) -> str:
        return self.label


@cache
def sectors() -> dict[str, Sector]:
    rows = read_rows(DATA / "secteurs.csv")
    return {row["code"]: Sector(row["code"], row["label"]) for row in rows}


def find_sectors(codes: Sequence[str]) -> list[Sector]:
    """The sectors of these codes; one that the NAF has not is told by its code."""
    return [sectors().get(code) or Sector(code, f"Division {code}") for code in codes]


def suggest_sectors(text: str) -> list[Sector]:
    """The sectors with a word that begins like each word typed."""
    return matching(text)[:SUGGESTIONS]


def resolve_sectors(text: str) -> list[Sector]:
    """The sectors that a text names: one is an answer, several are a question."""
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
