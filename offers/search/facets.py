"""Group the choices of filters, and count those that show how many they leave."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from offers.search.conditions import all_of, of_needs
from offers.search.counting import cap, count_each
from offers.search.criteria import Criteria
from offers.search.filters import BY_NAME, FILTERS, Filter, Option
from offers.search.results import Search

# The filters that the simple search leaves out, as the page groups them: « Tous les
# filtres ». The first two have counts.
RARE = ("th", "nature")
COUNTED = tuple(each.name for each in FILTERS)
SIMPLE = tuple(name for name in COUNTED if name not in RARE)
GROUPS = (
    ("Horaires", ("horaire",)),
    ("Heures par semaine", ("heures",)),
    ("Durée du contrat", ("duree",)),
    ("Contrats particuliers", ("alternance", "aide")),
    ("Permis", ("permis",)),
    ("Formation demandée", ("formation",)),
    ("Qualification", ("qualification",)),
    ("Employeur", ("adaptee", "handi")),
    ("Offre", ("peu", "origine")),
)
# A group of more choices folds.
MOST_IN_SIGHT = 4


@dataclass(frozen=True, slots=True)
class Choice:
    filter: Filter
    option: Option
    is_chosen: bool
    # One more than the cap if there are more; None: not counted.
    count: int | None = None

    @property
    def is_capped(self) -> bool:
        return self.count is not None and self.count > cap()

    @property
    def is_idle(self) -> bool:
        return self.count == 0 and not self.is_chosen


class Group(NamedTuple):
    legend: str
    choices: Sequence[Choice]

    @property
    def name(self) -> str:
        return self.choices[0].filter.name

    @property
    def chosen(self) -> int:
        return sum(choice.is_chosen for choice in self.choices)

    @property
    def is_long(self) -> bool:
        return len(self.choices) > MOST_IN_SIGHT

    @property
    def shown(self) -> list[Choice]:
        """Return the first choices, and those that would leave something."""
        few, rest = self.choices[:MOST_IN_SIGHT], self.choices[MOST_IN_SIGHT:]
        return [*few, *(choice for choice in rest if not choice.is_idle)]

    @property
    def folded(self) -> list[Choice]:
        return [choice for choice in self.choices[MOST_IN_SIGHT:] if choice.is_idle]


def plain_group(criteria: Criteria, legend: str, filters: Sequence[Filter]) -> Group:
    choices = [
        Choice(each, option, criteria.is_chosen(each.name, option.value))
        for each in filters
        for option in each.options
    ]
    return Group(legend, choices)


def counted_filters(
    criteria: Criteria, names: Collection[str] = COUNTED
) -> list[Group]:
    """Return filters that have counts, not counted yet."""
    return [
        plain_group(criteria, each.legend, [each])
        for each in FILTERS
        if each.name in names
    ]


def other_filters(criteria: Criteria) -> list[Group]:
    return [
        plain_group(criteria, legend, [BY_NAME[name] for name in names])
        for legend, names in GROUPS
    ]


def count_choices(search: Search, groups: Sequence[Group]) -> list[Group]:
    """Count each choice under all other filters, in one statement."""
    searches = []
    for choice in (one for group in groups for one in group.choices):
        name = choice.filter.name
        others = [each for each in search.conditions if each.name != name]
        rows = {name: choice.filter.rows([choice.option.value])}
        searches.append(all_of([*others, *of_needs(rows)]))
    counts = iter(count_each(searches))
    return [
        Group(legend, [replace(choice, count=next(counts)) for choice in choices])
        for legend, choices in groups
    ]
