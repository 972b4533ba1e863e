"""If nothing was found, propose conditions to drop, counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from offers.catalogue.formatting import FIXED
from offers.reference.places import Area, Kind
from offers.search.conditions import Condition, all_of, of_places, of_words
from offers.search.counting import cap, count_each
from offers.search.criteria import PERIODS, Criteria
from offers.search.filters import BY_NAME
from offers.search.spelling import MOST_WORDS, respell
from offers.search.words import Words

# Wider radii around the commune, as far as people travel for a job.
FARTHER_KM = (20, 30, 50, 100)
MOST_FARTHER = 2
UNNAMED = {
    "appellation": "Sans l’appellation",
    "competence": "Sans la compétence",
    "secteur": "Dans tous les secteurs",
    "salaire": "Quel que soit le salaire",
}


@dataclass(frozen=True, slots=True)
class Proposal:
    label: str
    criteria: Criteria
    conditions: Sequence[Condition]
    count: int = 0

    @property
    def is_capped(self) -> bool:
        return self.count > cap()

    @property
    def shown_count(self) -> int:
        return min(self.count, cap())

    @property
    def url(self) -> str:
        return self.criteria.url


@dataclass(frozen=True, slots=True)
class Proposals:
    spellings: list[Proposal]
    others: list[Proposal]


def find_proposals(
    criteria: Criteria, areas: Sequence[Area], conditions: Sequence[Condition]
) -> Proposals:
    """Return the useful proposals, best first, in three queries."""
    spellings = [
        worded(text, text, criteria, conditions) for text in respell(criteria.words)
    ]
    others = [
        *without_one(criteria, areas, conditions),
        *without_a_word(criteria, conditions),
        *farther(criteria, areas, conditions),
    ]
    proposals = [*spellings, *others]
    counts = count_each([all_of(proposal.conditions) for proposal in proposals])
    counted = [replace(p, count=n) for p, n in zip(proposals, counts, strict=True)]
    first, rest = counted[: len(spellings)], counted[len(spellings) :]
    return Proposals(
        [proposal for proposal in first if proposal.count],
        sorted(filter(attrgetter("count"), rest), key=lambda one: -one.count),
    )


def worded(
    label: str, text: str, criteria: Criteria, conditions: Sequence[Condition]
) -> Proposal:
    """Propose the search with other words."""
    others = (each for each in conditions if each.name != "q")
    words = of_words(Words(text))
    return Proposal(label, criteria.changed(words=text), [*words, *others])


def without_one(
    criteria: Criteria, areas: Sequence[Area], conditions: Sequence[Condition]
) -> Iterator[Proposal]:
    for given_up in conditions:
        if rest := [each for each in conditions if each is not given_up]:
            label = label_of(given_up.name, criteria, areas)
            yield Proposal(label, criteria.without(given_up.name), rest)


def without_a_word(
    criteria: Criteria, conditions: Sequence[Condition]
) -> Iterator[Proposal]:
    words = criteria.words.split()
    if 1 < len(words) <= MOST_WORDS:
        for i, word in enumerate(words):
            text = " ".join([*words[:i], *words[i + 1 :]])
            yield worded(f"Sans le mot {quoted(word)}", text, criteria, conditions)


def farther(
    criteria: Criteria, areas: Sequence[Area], conditions: Sequence[Condition]
) -> Iterator[Proposal]:
    if not any(area.kind == Kind.COMMUNE and area.point for area in areas):
        return
    rest = [each for each in conditions if each.name != "lieu"]
    radii = [radius for radius in FARTHER_KM if radius > criteria.radius]
    for radius in radii[:MOST_FARTHER]:
        label, wider = f"À {radius}{FIXED}km", criteria.changed(radius=radius)
        yield Proposal(label, wider, [*rest, *of_places(areas, radius)])


def quoted(words: str) -> str:
    return f"«{FIXED}{words}{FIXED}»"


def label_of(name: str, criteria: Criteria, areas: Sequence[Area]) -> str:
    if name == "q":
        return f"Sans {quoted(criteria.words)}"
    if name == "lieu":
        return f"Partout, et non {' ou '.join(area.label for area in areas)}"
    if name == "rome":
        return f"Pour tous les métiers, et non {' ou '.join(criteria.trades)}"
    if name == "depuis":
        return f"De toutes les dates, et non {PERIODS[str(criteria.days)].lower()}"
    if name in UNNAMED:
        return UNNAMED[name]
    chosen = criteria.chosen.get(name, ())
    labels = [o.label for o in BY_NAME[name].options if o.value in chosen]
    return f"Sans le filtre {' ou '.join(labels)}"
