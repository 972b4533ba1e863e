"""Where nothing was found: which one thing to give up, and what that would find.

All ways are counted in one statement, each up to ``SEARCH_COUNT_CAP``; one that finds
nothing is not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from offers.criteria import LISTS, NOTHING_ASKED, PERIODS, Criteria
from offers.filters import ALL_FILTERS
from offers.models import OfferSearch
from offers.places import Area, Kind
from offers.search.conditions import Condition, all_of, of_places, of_words
from offers.search.counting import cap
from offers.search.spelling import MOST_WORDS, respell
from offers.search.words import Words

# Farther around the same commune, as far as one goes for a job.
FARTHER_KM = (20, 30, 50, 100)
MOST_FARTHER = 2
UNNAMED = {
    "appellation": "Sans l’appellation",
    "competence": "Sans la compétence",
    "secteur": "Dans tous les secteurs",
    "salaire": "Quel que soit le salaire",
}


@dataclass(frozen=True, slots=True)
class Way:
    """Another search, and what it finds."""

    label: str
    criteria: Criteria
    conditions: Sequence[Condition]
    count: int = 0

    @property
    def is_capped(self) -> bool:
        """Whether it finds more than are counted."""
        return self.count > cap()

    @property
    def told_count(self) -> int:
        return min(self.count, cap())

    @property
    def url(self) -> str:
        return self.criteria.url


@dataclass(frozen=True, slots=True)
class WaysOut:
    """What to propose: the same words spelled otherwise; one thing less."""

    spellings: list[Way]
    others: list[Way]


def find_ways_out(
    criteria: Criteria, areas: Sequence[Area], conditions: Sequence[Condition]
) -> WaysOut:
    """The ways that find something, the best first; in at most three questions."""
    spellings = list(spelled_otherwise(criteria, conditions))
    others = [
        *without_one(criteria, areas, conditions),
        *without_a_word(criteria, conditions),
        *farther(criteria, areas, conditions),
    ]
    counted = count([*spellings, *others])
    first, rest = counted[: len(spellings)], counted[len(spellings) :]
    return WaysOut(
        [way for way in first if way.count],
        sorted((way for way in rest if way.count), key=lambda way: -way.count),
    )


def spelled_otherwise(
    criteria: Criteria, conditions: Sequence[Condition]
) -> Iterator[Way]:
    for text in respell(criteria.words):
        yield Way(
            text, criteria.changed(words=text), with_words(conditions, Words(text))
        )


def without_one(
    criteria: Criteria, areas: Sequence[Area], conditions: Sequence[Condition]
) -> Iterator[Way]:
    """One condition less, where others remain."""
    for given_up in conditions:
        rest = [each for each in conditions if each is not given_up]
        if rest:
            label = label_of(given_up.name, criteria, areas)
            yield Way(label, freed_of(given_up.name, criteria), rest)


def without_a_word(
    criteria: Criteria, conditions: Sequence[Condition]
) -> Iterator[Way]:
    words = criteria.words.split()
    if not 1 < len(words) <= MOST_WORDS:
        return
    for i, word in enumerate(words):
        text = " ".join([*words[:i], *words[i + 1 :]])
        yield Way(
            f"Sans le mot «\N{NO-BREAK SPACE}{word}\N{NO-BREAK SPACE}»",
            criteria.changed(words=text),
            with_words(conditions, Words(text)),
        )


def farther(
    criteria: Criteria, areas: Sequence[Area], conditions: Sequence[Condition]
) -> Iterator[Way]:
    """The same around the same communes, farther."""
    if not any(area.kind == Kind.COMMUNE and area.point for area in areas):
        return
    rest = [each for each in conditions if each.name != "lieu"]
    radii = [radius for radius in FARTHER_KM if radius > criteria.radius]
    for radius in radii[:MOST_FARTHER]:
        yield Way(
            f"À {radius}\N{NO-BREAK SPACE}km",
            criteria.changed(radius=radius),
            [*rest, *of_places(areas, radius)],
        )


def with_words(conditions: Sequence[Condition], words: Words) -> list[Condition]:
    return [*of_words(words), *(each for each in conditions if each.name != "q")]


def freed_of(name: str, criteria: Criteria) -> Criteria:
    """The same search without that parameter."""
    if name in criteria.chosen:
        return criteria.without(name)
    if name in LISTS:
        return criteria.changed(**{LISTS[name]: ()})
    return criteria.changed(**NOTHING_ASKED[name])


def label_of(name: str, criteria: Criteria, areas: Sequence[Area]) -> str:
    """What is given up, in words."""
    if name == "q":
        return f"Sans «\N{NO-BREAK SPACE}{criteria.words}\N{NO-BREAK SPACE}»"
    if name == "lieu":
        return f"Partout, et non {' ou '.join(area.label for area in areas)}"
    if name == "rome":
        return f"Pour tous les métiers, et non {' ou '.join(criteria.trades)}"
    if name == "depuis":
        return f"De toutes les dates, et non {PERIODS[str(criteria.days)].lower()}"
    if name in UNNAMED:
        return UNNAMED[name]
    labels = [
        option.label
        for each in ALL_FILTERS
        if each.name == name
        for option in each.options
        if option.value in criteria.chosen.get(name, ())
    ]
    return f"Sans le filtre {' ou '.join(labels)}"


def count(ways: Sequence[Way]) -> list[Way]:
    """The same ways, each with its offers."""
    if not ways:
        return []
    parts: list[str] = []
    params: list[Any] = []
    for way in ways:
        rows = OfferSearch.objects.filter(all_of(way.conditions)).order_by()
        sql, sql_params = rows.values_list("pk")[: cap() + 1].query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS found)")  # noqa: S608
        params += sql_params
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        counts = cursor.fetchone()
    return [
        replace(way, count=number) for way, number in zip(ways, counts, strict=True)
    ]
