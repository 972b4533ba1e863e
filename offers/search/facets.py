"""Count the choices of every filter, in numbers or shares.

Numbers are exact. If the pass was cut, a choice has an estimated share; one absent from
the sample is rare, not none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from offers.catalogue.formatting import number as spaced
from offers.search.conditions import Condition
from offers.search.counting import Pass
from offers.search.criteria import Criteria
from offers.search.filters import FILTERS, Filter, Option

ESTIMATED = "≈\N{NO-BREAK SPACE}: part estimée sur {} des offres trouvées."
# Choices of one filter: beyond the first figure the rare ones fold, beyond the second
# the whole filter does.
LEAST_IN_SIGHT = 4
MOST_IN_SIGHT = 15


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: its ``count``, else its ``share`` (%)."""

    option: Option
    count: int | None
    share: float | None
    is_chosen: bool

    @property
    def is_estimate(self) -> bool:
        return self.count is None

    @property
    def is_idle(self) -> bool:
        return self.count == 0 and not self.is_chosen


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter, counted under all other filters."""

    filter: Filter
    choices: list[Choice]
    # Shown before the choices.
    note: str = ""

    @property
    def is_estimate(self) -> bool:
        return any(choice.is_estimate for choice in self.choices)

    @property
    def chosen(self) -> int:
        return sum(choice.is_chosen for choice in self.choices)

    @property
    def is_long(self) -> bool:
        return len(self.choices) > MOST_IN_SIGHT

    @property
    def shown(self) -> list[Choice]:
        """Return the first choices, and those that would leave something."""
        few = self.choices[:LEAST_IN_SIGHT]
        rest = self.choices[LEAST_IN_SIGHT:]
        return few + [choice for choice in rest if not choice.is_idle]

    @property
    def folded(self) -> list[Choice]:
        return [choice for choice in self.choices[LEAST_IN_SIGHT:] if choice.is_idle]


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts over ``sample``, or ``accepted`` if that is too large.

    The sample is of the base; all filters accept the other.
    """

    sample: Pass
    accepted: Pass | None
    choices: Sequence[Condition]

    def facets(self, criteria: Criteria) -> list[Facet]:
        facets = [self.facet(number, criteria) for number in range(len(FILTERS))]
        note = ESTIMATED.format(spaced(self.sample.seen))
        for i, facet in enumerate(facets):
            if facet.is_estimate:
                facets[i] = replace(facet, note=note)
                break
        return facets

    def facet(self, number: int, criteria: Criteria) -> Facet:
        each = FILTERS[number]
        chosen = criteria.chosen.get(each.name, ())
        names = [condition.name for condition in self.choices]
        lacking = names.index(each.name) + 1 if each.name in names else None
        choices = [
            self.choice(number, lacking, option, option.value in chosen)
            for option in each.options
        ]
        return Facet(each, choices)

    def choice(
        self, number: int, lacking: int | None, option: Option, is_chosen: bool
    ) -> Choice:
        parts = [0] if lacking is None else [0, lacking]
        if self.sample.is_whole:
            count = sum(self.sample.of(number, i)[option.stored] for i in parts)
            return Choice(option, count, None, is_chosen)
        # All filters accept the chosen options, and no other of the same filter.
        if self.accepted is not None and (is_chosen or lacking is None):
            if self.accepted.is_whole:
                count = self.accepted.of(number, 0)[option.stored]
                return Choice(option, count, None, is_chosen)
            if lacking is None:
                return estimate(self.accepted, number, parts, option, is_chosen)
        return estimate(self.sample, number, parts, option, is_chosen)


def estimate(
    seen: Pass, number: int, parts: Sequence[int], option: Option, is_chosen: bool
) -> Choice:
    total = sum(seen.totals[i] for i in parts)
    count = sum(seen.of(number, i)[option.stored] for i in parts)
    share = 100 * count / total if total else None
    return Choice(option, None, share, is_chosen)
