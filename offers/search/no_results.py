"""If nothing was found, propose what to give up, counted.

The place first, then the contract and other filters, then a word, the job last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from offers.catalogue.formatting import FIXED
from offers.reference.places import Area, Kind
from offers.search.conditions import Condition, all_of, of_places, of_words
from offers.search.counting import cap, count_each
from offers.search.criteria import PERIODS, Criteria, WordsRule
from offers.search.filters import BY_NAME
from offers.search.names import find_names
from offers.search.spelling import MOST_WORDS, respell
from offers.search.words import Words

# Wider radii around the commune, as far as people travel for a job.
FARTHER_KM = (20, 30, 50, 100)
MOST_FARTHER = 2
# Offers shown below the proposals.
NEAREST = 3
# Conditions that are the job itself.
THE_JOB = ("q", "rome", "appellation")
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
    # The first that finds offers enough of the same job: they are shown below.
    same_job: Proposal | None


def find_proposals(
    criteria: Criteria, areas: Sequence[Area], conditions: Sequence[Condition]
) -> Proposals:
    """Return the useful proposals, in the order of giving up."""
    # Words that were read are corrected already.
    is_exact = criteria.rule == WordsRule.EXACT
    texts = respell(criteria.words) if is_exact else []
    spellings = [worded(text, text, criteria, conditions) for text in texts]
    dropped = list(without_one(criteria, areas, conditions))
    same_job = [
        *farther(criteria, areas, conditions),
        *(one for name, one in dropped if name == "lieu"),
        *(one for name, one in dropped if name not in {"lieu", *THE_JOB}),
    ]
    another_job = [
        *without_a_word(criteria, conditions),
        *(one for name, one in dropped if name in THE_JOB),
    ]
    proposals = [*spellings, *same_job, *another_job]
    counts = count_each([all_of(proposal.conditions) for proposal in proposals])
    counted = [replace(p, count=n) for p, n in zip(proposals, counts, strict=True)]
    first, rest = counted[: len(spellings)], counted[len(spellings) :]
    return Proposals(
        [proposal for proposal in first if proposal.count],
        [proposal for proposal in rest if proposal.count],
        nearest_of(rest[: len(same_job)]),
    )


def nearest_of(proposals: Sequence[Proposal]) -> Proposal | None:
    """Return the first that fills the short list, or the fullest."""
    found = (each for each in proposals if each.count)
    return max(found, key=lambda one: min(one.count, NEAREST), default=None)


def worded(
    label: str, text: str, criteria: Criteria, conditions: Sequence[Condition]
) -> Proposal:
    """Propose the search with other words."""
    others = (each for each in conditions if each.name != "q")
    trades = criteria.trades * criteria.adds_trades
    words = of_words(Words(text, trades=trades))
    return Proposal(label, criteria.changed(words=text), [*words, *others])


def without_one(
    criteria: Criteria, areas: Sequence[Area], conditions: Sequence[Condition]
) -> Iterator[tuple[str, Proposal]]:
    """Return (name of the condition, search without it)."""
    for given_up in conditions:
        if rest := [each for each in conditions if each is not given_up]:
            name = given_up.name
            without = criteria.without(name)
            if name == "q" and criteria.adds_trades:
                # They are of the words.
                without = without.without("rome")
            yield name, Proposal(label_of(name, criteria, areas), without, rest)


def without_a_word(
    criteria: Criteria, conditions: Sequence[Condition]
) -> Iterator[Proposal]:
    """Return the searches without a word, those of the job last."""
    words = criteria.words.split()
    if 1 < len(words) <= MOST_WORDS and not criteria.adds_trades:
        job = places_of_job(words)
        for i, word in sorted(enumerate(words), key=lambda one: one[0] in job):
            text = " ".join([*words[:i], *words[i + 1 :]])
            yield worded(f"Sans le mot {quoted(word)}", text, criteria, conditions)


def places_of_job(words: Sequence[str]) -> frozenset[int]:
    """Return the places of the words that name a job."""
    names = [name for name in find_names(words) if name.is_label]
    longest = max(names, key=lambda name: (name.stems, -name.first), default=None)
    return frozenset(range(longest.first, longest.last)) if longest else frozenset()


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
        return f"Sans le lieu {' ou '.join(area.label for area in areas)}"
    if name == "rome":
        return f"Sans le métier {' ou '.join(criteria.trades)}"
    if name == "depuis":
        return f"Sans le filtre {PERIODS[str(criteria.days)].lower()}"
    if name in UNNAMED:
        return UNNAMED[name]
    chosen = criteria.chosen.get(name, ())
    labels = [o.label for o in BY_NAME[name].options if o.value in chosen]
    return f"Sans le filtre {' ou '.join(labels)}"
