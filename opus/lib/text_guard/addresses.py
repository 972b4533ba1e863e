"""Find the words of street names, which describe no person (V3)."""

from collections.abc import Iterator, Sequence

from opus.lib.text_guard.rules import RULES
from opus.lib.text_guard.tokens import Word

STREETS = RULES.forbidden.sets["<rue>"]
# Characters that join the words of a name.
JOINTS = RULES.forbidden.sets["<lien>"]
MOST_WORDS = 5


def street_words(text: str, words: Sequence[Word]) -> Iterator[int]:
    """Yield the places of the words of a street's name, after « rue » and the like.

    A name continues while words have a capital; else it is one word. It ends at a sign
    or digit: « 12 rue des Lilas, alcoolique » has two.
    """
    for at, word in enumerate(words):
        if not STREETS.isdisjoint(word.forms) and _is_street(text, words, at):
            yield from _name(text, words, at)


def _is_street(text: str, words: Sequence[Word], at: int) -> bool:
    """Return whether a number precedes, or one of the next words has a capital."""
    before = words[at - 1].forms if at else frozenset({""})
    follows = [_written(text, word) for word in words[at + 1 : at + 4]]
    names = [word for word in follows if word.casefold() not in JOINTS]
    has_number = any(form[:1].isdigit() or form in {"bis", "ter"} for form in before)
    return has_number or (bool(names) and names[0][:1].isupper())


def _name(text: str, words: Sequence[Word], at: int) -> Iterator[int]:
    is_all_capitals = _written(text, words[at]).isupper()
    named = 0
    for place in range(at + 1, min(at + 1 + 2 * MOST_WORDS, len(words))):
        apart = text[words[place - 1].end : words[place].start]
        if apart.strip(" \u00a0'’-") or named == MOST_WORDS:
            return
        written = _written(text, words[place])
        if not JOINTS.isdisjoint(words[place].forms):
            continue
        is_named = written[:1].isupper() and not is_all_capitals
        if named and not is_named:
            return
        named += 1
        yield place


def _written(text: str, word: Word) -> str:
    return text[word.start : word.end]
