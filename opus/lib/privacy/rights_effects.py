"""What each app does on a request about one's data (art. 10).

``opus.support.data_rights`` decides; an app's ``rights_effects.py`` writes its rows.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from opus.lib.privacy.personal_data import Person
from opus.lib.registers.discovery import discover

# What was changed or deleted → how many.
Counts = dict[str, int]


@dataclass(frozen=True)
class Editable:
    """A row that may be rectified; ``change`` gets ``by``, ``reason`` and fields."""

    row: Any
    title: str
    fields: Mapping[str, forms.Field]
    change: Callable[..., Any]


class Effects:
    """One app's part. All run in the transaction of the decision.

    They raise MoveRefused; ``reference`` is the number of the request.
    """

    def editables(self, person: Person) -> Iterable[Editable]:
        return ()

    def why_kept(self, person: Person) -> str:
        """Return why nothing may be erased now, or nothing."""
        return ""

    def erase(self, person: Person, *, by: Any, reference: str) -> Counts:
        return {}

    def restrict(self, person: Person, *, by: Any, reference: str) -> Counts:
        """Freeze the data: kept, and not used (GDPR 18)."""
        return {}

    def lift(self, person: Person, *, by: Any, reference: str) -> Counts:
        return {}

    def objections(self, person: Person) -> Mapping[str, str]:
        """Return the processing that one may object to: code → label."""
        return {}

    def object_to(
        self, person: Person, processing: str, *, by: Any, reference: str
    ) -> Counts:
        return {}


_effects: list[Effects] = []


def register(effects: type[Effects]) -> type[Effects]:
    _effects.append(effects())
    return effects


def every_effect() -> Iterator[Effects]:
    discover("rights_effects")
    yield from _effects
