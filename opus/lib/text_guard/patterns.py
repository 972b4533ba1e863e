"""Patterns of words in a text.

``musulman{,e,s}`` has several forms; ``syndique|encarte`` is one of several words;
``<personne>`` one of a named set; ``..`` none to two words, ``…`` none to four, within
a sentence.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from opus.lib.text_guard.categories import Category

GAPS = {"..": 2, "…": 4}

type Forms = frozenset[str]
type Item = Forms | int
type Found = tuple[Category | None, int, int]

NO_FORM: Forms = frozenset()


def expand(item: str) -> list[str]:
    """Return an item's words: ``a{b,c{,s}}d`` is abd, acd, acsd."""
    start = item.find("{")
    if start < 0:
        return item.split("|")
    choices, depth, end = [""], 0, start
    for end in range(start, len(item)):
        sign = item[end]
        depth += (sign == "{") - (sign == "}")
        if depth == 0:
            break
        if sign == "," and depth == 1:
            choices.append("")
        elif end > start:
            choices[-1] += sign
    if depth:
        raise ValueError(f"A brace is open in {item!r}.")
    *before, head = item[:start].split("|")
    tail, *after = item[end + 1 :].split("|", 1)
    words = [word for choice in choices for word in expand(f"{head}{choice}{tail}")]
    return [*before, *words, *(word for rest in after for word in expand(rest))]


class Patterns:
    """Patterns, indexed by their possible first words."""

    def __init__(self, sets: Mapping[str, str]) -> None:
        self.sets = {
            f"<{name}>": frozenset(chain.from_iterable(map(expand, words.split())))
            for name, words in sets.items()
        }
        self.by_first: dict[str, list[tuple[tuple[Item, ...], Category | None]]] = {}

    def _item(self, written: str) -> Item:
        if written in GAPS:
            return GAPS[written]
        if written in self.sets:
            return self.sets[written]
        forms: set[str] = set()
        for part in expand(written):
            forms |= self.sets.get(part, {part})
        return frozenset(forms)

    def add(self, written: str, category: Category | None) -> None:
        items = tuple(map(self._item, written.split()))
        if isinstance(items[0], int):
            raise ValueError(f"A pattern begins with a word: {written!r}.")
        for word in items[0]:
            self.by_first.setdefault(word, []).append((items, category))

    def find(self, words: Sequence[Forms]) -> Iterator[Found]:
        """Yield category, first and last place of each match."""
        for first, forms in enumerate(words):
            for form in forms:
                for items, category in self.by_first.get(form, ()):
                    end = _end(items, words, first)
                    if end is not None:
                        yield category, first, end - 1


def _end(items: Sequence[Item], words: Sequence[Forms], at: int) -> int | None:
    """Return the nearest end of the items that begin there."""
    if not items:
        return at
    item, rest = items[0], items[1:]
    if isinstance(item, int):
        ends = (_end(rest, words, at + skipped) for skipped in range(item + 1))
        return next((end for end in ends if end is not None), None)
    if at < len(words) and not item.isdisjoint(words[at]):
        return _end(rest, words, at + 1)
    return None
