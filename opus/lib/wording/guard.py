"""Read a text and say which forbidden subjects it speaks of (V2, V3, V6).

Rules find the words that betray a subject; what was learned from examples finds the
hints that have none of them, and doubts a rule where the rest of the sentence speaks
of work alone.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from opus.lib.wording import learned, numbers
from opus.lib.wording.families import Family
from opus.lib.wording.reading import Word, readings
from opus.lib.wording.rules import RULES

# How likely a sentence must be to speak of some subject for it to be refused; below
# DOUBT, even a rule is not believed. Chosen on sentences that nothing was learned from,
# which hold it since (docs/free-text.md).
REFUSED = 0.52
DOUBT = 0.2
# A rule is doubted in a clause of so many words at most. In a list of innocent things
# (« motivé, permis B, malade ») any word would else be excused.
MOST_DOUBTED = 15
CLAUSE = re.compile('[,:()«»"–—/]')
# In a few words there is little to weigh, as in « Son téléphone reste le même ».
FEW_WORDS, REFUSED_OF_FEW = 5, 0.85
# In fewer there is next to nothing: rules alone read « Videz le cache ».
LEAST_WORDS = 5


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
    told = [(one.start, one.end) for one in found]
    for sentence in sentences(whole):
        ruled = _ruled(sentence)
        words = [word for word in sentence if not _is_within(word, told)]
        by_rules = is_label or len(words) < LEAST_WORDS
        found |= ruled if by_rules else _weighed(text, words, ruled)
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


def _weighed(text: str, words: Sequence[Word], ruled: set[Finding]) -> set[Finding]:
    """What rules found, as far as the sentence bears it out, and what it hints at."""
    chances = learned.chances([word.plain for word in words])
    chance = sum(chances.values())
    if chance >= (REFUSED_OF_FEW if len(words) <= FEW_WORDS else REFUSED):
        likeliest = max(chances, key=chances.__getitem__)
        if likeliest in {one.family for one in ruled}:
            return ruled
        return ruled | {Finding(words[0].start, words[-1].end, likeliest)}
    if chance >= DOUBT:
        return ruled
    return {one for one in ruled if not _is_doubtful(one, text, words)}


def _is_doubtful(one: Finding, text: str, words: Sequence[Word]) -> bool:
    """Whether the clause around a rule's words speaks of work alone."""
    clause: list[Word] = []
    for word in words:
        if clause and CLAUSE.search(text, clause[-1].end, word.start):
            if word.start > one.start:
                break
            clause = []
        clause.append(word)
    # Nobody disguises a word of the trade.
    is_plain = all(len(word.forms) == 1 for word in clause)
    chances = learned.chances([word.plain for word in clause])
    is_whole = len(clause) <= MOST_DOUBTED
    return is_plain and is_whole and sum(chances.values()) < DOUBT


def _is_within(word: Word, spans: Collection[tuple[int, int]]) -> bool:
    return any(start <= word.start < end for start, end in spans)


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
