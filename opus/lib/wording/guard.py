"""Read a text and say which forbidden subjects it speaks of (V2, V3, V6)."""

from collections.abc import Collection, Iterator, Sequence
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


def look(
    text: str, *, allows: Collection[Family] = (), is_label: bool = False
) -> list[Finding]:
    """What the text speaks of and must not, in the order of the text.

    Args:
        allows: what the field is there for: a telephone number in the place of an
            appointment.
        is_label: it names something, and is no sentence: rules alone read it.
    """
    found = {Finding(start, end, family) for family, (start, end) in numbers.find(text)}
    whole, *cut = readings(text)
    for sentence in sentences(whole):
        found |= _ruled(sentence)
    for words in cut:
        found |= _ruled(words)
    return sorted(one for one in found if one.family not in allows)


def families_of(
    text: str, *, allows: Collection[Family] = (), is_label: bool = False
) -> list[Family]:
    """The subjects alone, each once."""
    found = look(text, allows=allows, is_label=is_label)
    return list(dict.fromkeys(one.family for one in found))


def sentences(words: Sequence[Word]) -> Iterator[list[Word]]:
    """The words of each sentence."""
    sentence: list[Word] = []
    for word in words:
        if word.forms:
            sentence.append(word)
        elif sentence:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def _ruled(words: Sequence[Word]) -> set[Finding]:
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
