"""The copy in sentences, for the person who reads it (GDPR 12.1, 15).

An app's ``copy_texts.py`` says what its rows mean; the rows themselves are in the JSON.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from opus.lib.privacy.personal_data import Person, Register
from opus.lib.registers.discovery import discover


@dataclass(frozen=True)
class Item:
    """One sentence, and those that belong to it."""

    text: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """``rank`` orders the sections: 10 the person, 20 what was done, 30 the rest."""

    rank: int
    title: str
    items: tuple[Item, ...]


narrator = Register[Callable[[Person], Iterable[Section]]]()


def sections_of(person: Person) -> list[Section]:
    """Return the sections that have something to say, in order."""
    discover("copy_texts")
    found = [one for narrate in narrator for one in narrate(person) if one.items]
    return sorted(found, key=lambda section: section.rank)
