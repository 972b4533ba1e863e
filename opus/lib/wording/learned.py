"""What thousands of labelled sentences taught: of what a sentence speaks (V2).

Rules find the words that somebody thought of; a hint has none of them. Here each word,
each pair of words and each run of four or five letters has a weight for each subject,
learned from ``examples/`` (a logistic regression over all subjects at once). A weight
tells nothing by itself; their sum is the chance that the sentence speaks of a subject.

The weights are data, made anew by ``make wording`` (docs/free-text.md).
"""

import functools
import hashlib
import itertools
import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from opus.lib.wording.families import SUBJECTS, Family

FOLDER = Path(__file__).parent
EXAMPLES = FOLDER / "examples"
WEIGHTS = FOLDER / "weights.tsv"
# What the file's whole numbers are divided by.
SCALE = 10
LETTERS = (4, 5)
BEGINNING, END = "^", "$"
INNOCENT = "aucune"

Chances = dict[Family, float]


def words_of(words: Sequence[str]) -> set[str]:
    """The words, and each pair of neighbours; where the sentence begins and ends."""
    pairs = itertools.pairwise([BEGINNING, *words, END])
    return {*words, *(f"{one} {next_one}" for one, next_one in pairs)}


def letters_of(words: Sequence[str]) -> set[str]:
    """Runs of letters, so that a form that no example has is known by its root.

    A star tells them from words.
    """
    return {f"*{run}" for word in words for run in _runs(f"_{word}_")}


def _runs(word: str) -> Iterator[str]:
    for length in LETTERS:
        for start in range(len(word) - length + 1):
            yield word[start : start + length]


def chances(words: Sequence[str]) -> Chances:
    """How likely it is, from 0 to 1, that these words speak of each subject."""
    weights, origin = load_weights()
    scores = list(origin)
    for signs in (words_of(words), letters_of(words)):
        known = [weights[sign] for sign in signs if sign in weights]
        # As the examples were counted: all the signs of a kind weigh one together.
        share = 1 / (SCALE * math.sqrt(len(known))) if known else 0
        for place, column in enumerate(zip(*known, strict=True)):
            scores[place] += share * sum(column)
    # An innocent sentence is the one that all others are measured from: its score is 0.
    highest = max(*scores, 0)
    powers = [math.exp(score - highest) for score in scores]
    whole = sum(powers) + math.exp(-highest)
    return {
        family: power / whole for family, power in zip(SUBJECTS, powers, strict=True)
    }


@functools.cache
def load_weights() -> tuple[dict[str, array[int]], tuple[float, ...]]:
    """The weights of each sign, and what is added to all. Read at the first text."""
    with WEIGHTS.open(encoding="utf-8") as file:
        next(file)  # Which examples they were learned from.
        rows = (line.rstrip("\n").split("\t") for line in file)
        weights = {sign: array("h", map(int, row)) for sign, *row in rows}
    origin = weights.pop("")
    return weights, tuple(number / SCALE for number in origin)


def examples() -> Iterator[tuple[str, str]]:
    """Label and sentence of each example."""
    for path in sorted(EXAMPLES.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            label, _, sentence = line.partition("\t")
            yield label, sentence


def fingerprint(sentences: Iterable[tuple[str, str]]) -> str:
    """What tells one set of examples from another."""
    text = "\n".join("\t".join(one) for one in sentences)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
