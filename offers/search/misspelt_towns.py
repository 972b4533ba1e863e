"""Towns that typed words nearly spell: « Vanes », Vannes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from django.db import connection

from offers.reference.communes_in_memory import Place, french_gazetteer
from offers.reference.places import Area, Kind, commune_area, spell_out
from offers.search.phrases import join, joined, runs, split
from offers.search.spelling import ALIKE, LONG, TIMES, distance, likeness, look_alike

# A smaller town loses to a word of offers that is spelt alike, unless « à » is before;
# misspelt, it is known in the reader's own department after « à » alone.
KNOWN_TOWN = 2_000
# A larger one is known without its article: « Rochelle ».
KNOWN_CITY = 20_000
LONGEST_NAME = 4
# A name that may be misspelt.
SPELLED = re.compile(r"[a-z][a-z ]{3,39}")
# Of one text in a box.
MOST_MEANT = 5
# Offers in which a word is looked for as it is spelt.
MOST_LOOKED_AT = 200
COUNT_SPELLING = """
SELECT count(*), count(*) FILTER (WHERE opus_plain(names) ~ %s)
FROM (
    SELECT concat_ws(' ', o.title, o.appellation, o.rome_label, o.company,
        o.skills_text, o.description) AS names
    FROM offers_offersearch JOIN offers_offer AS o ON reference = offer_id
    WHERE vector @@ opus_query(%s)
    LIMIT %s
) AS found
"""
ARTICLE = re.compile(r"^(l|le|la|les) ")


def near_towns(name: str, department: str = "") -> list[tuple[Place, int]]:
    """Return towns spelt nearly so, with the number of letters that differ.

    ``department``: where small towns are known, too.
    """
    if not SPELLED.fullmatch(name):
        return []
    small = towns_of(department) if department else []
    return [
        (place, far)
        for spelling, place in [*known_towns(), *small]
        if (far := misspelling(name, spelling)) is not None
    ]


def towns_meant(text: str) -> list[Area]:
    """Return the towns that a box's text nearly spells, the likeliest first."""
    near = sorted(
        near_towns(spell_out(text)), key=lambda one: (one[1], -one[0].population)
    )
    return list(dict.fromkeys(commune_area(town) for town, _ in near))[:MOST_MEANT]


def is_another_word(text: str, town: Place, far: int, *, is_announced: bool) -> bool:
    """Return whether offers have the words, or a word as near as the town."""
    looked, exact = count_spelling(text)
    if exact and TIMES * exact > looked:
        return True
    words = {near.plain for near in look_alike([text]).get(text, ())}
    words -= set(spell_out(town.name).split())
    least = far - (town.population >= KNOWN_CITY)
    return not is_announced and any(distance(text, word) <= least for word in words)


def count_spelling(text: str) -> tuple[int, int]:
    """Return some offers with the words' stems, those spelt exactly so.

    « Marseile » has the stem of Marseille, and « Vanes » that of a van.
    """
    with connection.cursor() as cursor:
        cursor.execute(COUNT_SPELLING, [rf"\m{text}\M", text, MOST_LOOKED_AT])
        looked, exact = cursor.fetchone()
    return looked, exact


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
