"""Rules as rows of words, looked for in the words of a text.

A rule is a row of words. In it:

- ``musulman{,e,s}`` is one of several words;
- ``depress*`` is whatever begins so;
- ``<personne>`` is one of a named set of words;
- ``..`` is nothing to two words, ``…`` nothing to four, within a sentence.

A rule is looked for only where its rarest word stands, so that a text that speaks of
work costs next to nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from opus.lib.wording.reading import Word

GAPS = {"..": 2, "…": 4}


# Words that every text has: no rule is looked for by them where it has another.
COMMON = frozenset(
    """
    a au aux avec c ce ces cette chez d dans de des du elle en est et il ils elles j
    je l la le les leur leurs lui m n ne nos on ou par pas plus pour s sa se ses son
    sur tres trop un une vous a2 qu que qui etre fait non bien tout toujours depuis
    ont sans suis y vient va travail poste emploi situation projet
    """.split()  # noqa: SIM905 - a page of words reads better so
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of words, each one of several; a number where words may be skipped."""

    items: tuple[frozenset[str] | int, ...]
    payload: Any


@dataclass(frozen=True, slots=True)
class Match:
    """A rule found: its first and last word, and those that it names itself."""

    payload: Any
    first: int
    last: int
    named: tuple[int, ...]


def expand(item: str) -> list[str]:
    """``a{b,c{,s}}d`` as « abd », « acd » and « acsd »."""
    start = item.find("{")
    if start < 0:
        return [item]
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
    return [
        f"{item[:start]}{middle}{after}"
        for choice in choices
        for middle in expand(choice)
        for after in expand(item[end + 1 :])
    ]


class Rules:
    """Many rules, read at once."""

    def __init__(
        self, sets: dict[str, Iterable[str]], context: Iterable[str] = ()
    ) -> None:
        # The sets that only say of whom one speaks: no rule stands on them.
        self.context = {f"<{name}>" for name in context}
        self.by_rarest: dict[str, list[Rule]] = {}
        self.sets: dict[str, tuple[str, ...]] = {}
        self.stems: dict[str, list[tuple[str, str]]] = {}
        for name, members in sets.items():
            for word in itertools.chain.from_iterable(map(expand, members)):
                self._learn(word)
                self.sets[word] = (*self.sets.get(word, ()), f"<{name}>")

    def _learn(self, word: str) -> None:
        """Know a stem by its first two letters."""
        stem = (word[:-1], word)
        if word.endswith("*") and stem not in self.stems.get(word[:2], ()):
            self.stems.setdefault(word[:2], []).append(stem)

    def add(self, written: str, payload: Any) -> None:
        """Have one more rule, with what it tells where it is found."""
        items = tuple(
            GAPS.get(item) or frozenset(expand(item)) for item in written.split()
        )
        words = [item for item in items if isinstance(item, frozenset)]
        for word in itertools.chain.from_iterable(words):
            self._learn(word)
        rule = Rule(items, payload)
        for word in min(words, key=self._how_common):
            self.by_rarest.setdefault(word, []).append(rule)

    def _how_common(self, words: frozenset[str]) -> tuple[int, int]:
        common = len(words & COMMON) + 100 * len(words & self.context)
        return (common, len(words))

    def keys(self, word: Word) -> list[str]:
        """All by which a rule may know the word."""
        found = list(word.forms)
        for form in word.forms:
            for stem, key in self.stems.get(form[:2], ()):
                if form.startswith(stem):
                    found.append(key)
        for key in found[:]:
            found.extend(self.sets.get(key, ()))
        return found

    def walk(self, words: Sequence[Word]) -> Iterator[Match]:
        """Every rule that the words hold."""
        keys = [self.keys(word) for word in words]
        rules = {
            id(rule): rule
            for known in keys
            for key in known
            for rule in self.by_rarest.get(key, ())
        }
        for rule in rules.values():
            for first in range(len(keys)):
                for last, named in self._ends(rule.items, keys, first, ()):
                    yield Match(rule.payload, first, last - 1, named)

    def _ends(
        self,
        items: tuple[frozenset[str] | int, ...],
        keys: list[list[str]],
        at: int,
        named: tuple[int, ...],
    ) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Where what is left of a rule may end, and the words that it named."""
        if not items:
            yield at, named
            return
        item, *rest = items
        if isinstance(item, int):
            for skipped in range(item + 1):
                if at + skipped > len(keys) or (skipped and not keys[at + skipped - 1]):
                    return
                yield from self._ends(tuple(rest), keys, at + skipped, named)
        elif at < len(keys) and (met := item.intersection(keys[at])):
            names = named if met <= self.context else (*named, at)
            yield from self._ends(tuple(rest), keys, at + 1, names)
