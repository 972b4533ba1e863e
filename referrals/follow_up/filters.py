"""The filters of the lists of acts, with counts."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q

# The value in the URL → its label and its condition.
Choices = Mapping[str, tuple[str, Q]]


@dataclasses.dataclass(frozen=True)
class Choice:
    value: str
    label: str
    count: int
    is_chosen: bool


class ActFilter:
    """The filter in force; an unknown value means all."""

    def __init__(self, acts: Any, value: str, choices: Choices) -> None:
        self._choices = choices
        self.value = value if value in self._choices else ""
        self.acts = acts.filter(self._choices[self.value][1])
        self._all = acts

    @property
    def choices(self) -> list[Choice]:
        counts: dict[str, int] = self._all.aggregate(
            **{
                f"n{rank}": Count("pk", filter=kept) if kept else Count("pk")
                for rank, (_, kept) in enumerate(self._choices.values())
            }
        )
        return [
            Choice(value, label, counts[f"n{rank}"], value == self.value)
            for rank, (value, (label, _)) in enumerate(self._choices.items())
        ]
