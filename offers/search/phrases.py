"""Typed words that are a condition (« mi-temps ») or say nothing (« je cherche »)."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from offers.reference.communes_in_memory import plain

DATA = Path(__file__).resolve().parent / "data"
SEPARATORS = re.compile(r"[\s,;()«»“”\"]+")
ELISION = re.compile(r"((?:qu|[dljnsmtc])['’ʼ´`])(?=\w)", re.IGNORECASE)
LONGEST_PHRASE = 5


class Token(NamedTuple):
    """A typed word; ``at``: its place among all of them."""

    at: int
    text: str
    plain: str


def split(text: str) -> list[Token]:
    """Return the words of a text, elisions apart: « d’ », « équipe »."""
    parts = SEPARATORS.split(ELISION.sub(r" \1 ", text))
    return [Token(at, part, plain(part)) for at, part in enumerate(filter(None, parts))]


def join(tokens: Iterable[Token]) -> str:
    text = " ".join(token.text for token in tokens)
    return re.sub(r"(?<=['’ʼ´`]) ", "", text)


def joined(tokens: Sequence[Token]) -> str:
    return " ".join(token.plain for token in tokens if token.plain)


class Phrase(NamedTuple):
    parameter: str
    value: str


@cache
def phrases() -> dict[str, Phrase]:
    """Return conditions and fillers (no parameter) by plain text."""
    with (DATA / "phrases.csv").open(encoding="utf-8") as file:
        return {
            row["phrase"]: Phrase(row["parameter"], row["value"])
            for row in csv.DictReader(file)
        }


def runs(tokens: Sequence[Token], longest: int) -> Iterator[tuple[int, int]]:
    """Return (first, after the last) of each run, the longest first."""
    for first in range(len(tokens)):
        for last in range(min(len(tokens), first + longest), first, -1):
            yield first, last


def read_conditions(
    tokens: Sequence[Token], names: Collection[frozenset[int]]
) -> tuple[list[Token], dict[str, list[str]]]:
    """Return the other words, and the values by parameter.

    A phrase within the name of a job is a part of it: « veilleur de nuit ».
    """
    taken: set[int] = set()
    values: dict[str, list[str]] = {}
    for first, last in runs(tokens, LONGEST_PHRASE):
        places = {token.at for token in tokens[first:last]}
        phrase = phrases().get(joined(tokens[first:last]))
        if phrase is None or not phrase.parameter or places & taken:
            continue
        if any(places < name for name in names):
            continue
        taken |= places
        values.setdefault(phrase.parameter, []).append(phrase.value)
    return [token for token in tokens if token.at not in taken], values


def strip_fillers(
    tokens: Sequence[Token], names: Collection[frozenset[int]] = ()
) -> list[Token]:
    """Return the words without what says nothing at both ends.

    The last letter counts: « permis D ».
    """
    kept = list(tokens)
    while kept and (count := filler_at(kept, 0, names)):
        del kept[:count]
    while kept and (count := filler_at(kept[::-1], 1, names)):
        del kept[-count:]
    return kept


def filler_at(
    tokens: Sequence[Token], is_end: int, names: Collection[frozenset[int]]
) -> int:
    """Return how many of the first words say nothing together."""
    if any(tokens[0].at in name for name in names):
        return 0
    for count in range(min(4, len(tokens)), 0, -1):
        some = tokens[:count][::-1] if is_end else tokens[:count]
        text = joined(some)
        if not text and not any(map(str.isalnum, some[0].text)):
            return count
        found = phrases().get(text)
        is_letter = is_end and len(text) == 1 and text != "a"
        if found and not found.parameter and not is_letter:
            return count
    return 0
