"""Towns that typed words nearly spell: « Vanes », Vannes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from offers.reference.communes_in_memory import Place, french_gazetteer
from offers.reference.places import Area, Kind, spell_out
from offers.search.phrases import join, joined, runs, split
from offers.search.spelling import ALIKE, LONG, distance, likeness

# A smaller town loses to a word of offers that is spelt alike, unless « à » is before;
# only the reader's own department has its misspelt villages.
KNOWN_TOWN = 2_000
LONGEST_NAME = 4
ARTICLE = re.compile(r"^(l|le|la|les) ")


def near_towns(name: str, department: str) -> Iterator[tuple[Place, int]]:
    """Return towns spelt nearly so, with the number of letters that differ."""
    for spelling, place in (*known_towns(), *towns_of(department)):
        far = misspelling(name, spelling)
        if far is not None:
            yield place, far


def misspelling(name: str, town: str) -> int | None:
    """Return how many letters differ, if few do: the bounds of words."""
    most = 1 if len(name) < LONG else 2
    if name[0] != town[0] or abs(len(name) - len(town)) > most:
        return None
    far = distance(name, town)
    is_near = far == 1 or far <= most and likeness(name, town) >= ALIKE
    return far if far and is_near else None


@cache
def known_towns() -> list[tuple[str, Place]]:
    return spell_towns(french_gazetteer().towns(KNOWN_TOWN))


@lru_cache(maxsize=128)
def towns_of(department: str) -> list[tuple[str, Place]]:
    return spell_towns(french_gazetteer().towns(0, department))


def spell_towns(places: Iterable[Place]) -> list[tuple[str, Place]]:
    """Return places by name, and by name without its article."""
    named = [(spell_out(place.name), place) for place in places]
    bare = [
        (ARTICLE.sub("", name), place) for name, place in named if ARTICLE.match(name)
    ]
    return [*named, *bare]


def typed_as(area: Area, typed: str) -> str:
    """Return how a text misspells a town; empty if it does not."""
    name = spell_out(area.name)
    tokens = split(typed)
    texts = [
        (first, last, spell_out(joined(tokens[first:last])))
        for first, last in runs(tokens, LONGEST_NAME)
    ]
    if area.kind != Kind.COMMUNE or any(text == name for *_, text in texts):
        return ""
    near = [
        (far, join(tokens[first:last]))
        for first, last, text in texts
        for spelling in {name, ARTICLE.sub("", name)}
        if text and (far := misspelling(text, spelling)) is not None
    ]
    return min(near, default=(0, ""))[1]
