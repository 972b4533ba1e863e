"""Read a text and say which forbidden subjects it speaks of (V2, V3, V6)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from opus.lib.wording import numbers
from opus.lib.wording.families import Family
from opus.lib.wording.reading import Word, readings
from opus.lib.wording.rules import RULES


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A subject, and where in the text. It holds no word of it."""

    start: int
    end: int
    family: Family


def look(text: str, *, allows: Collection[Family] = ()) -> list[Finding]:
    """What the text speaks of and must not, in the order of the text.

    Args:
        allows: what the field is there for: a telephone number in the place of an
            appointment.
    """
    found = {Finding(start, end, family) for family, (start, end) in numbers.find(text)}
    for words in readings(text):
        found |= _subjects(words)
    return sorted(one for one in found if one.family not in allows)


def families_of(text: str, *, allows: Collection[Family] = ()) -> list[Family]:
    """The subjects alone, each once."""
    return list(dict.fromkeys(one.family for one in look(text, allows=allows)))


def _subjects(words: Sequence[Word]) -> set[Finding]:
    """What rules find, but for what the vocabulary of the trade explains."""
    matches = [match for match in RULES.forbidden.walk(words) if match.named]
    if not matches:
        return set()
    passes = list(RULES.passes.walk(words))
    return {
        Finding(words[match.first].start, words[match.last].end, match.payload)
        for match in matches
        if not any(
            one.payload in (match.payload, None) and one.first <= place <= one.last
            for one in passes
            for place in match.named
        )
    }
