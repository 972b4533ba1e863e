"""Learns the weights of the guard from its examples: ``make wording`` (V2).

Used at build time only: the guard itself needs no library for it.
"""

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from opus.lib.wording import learned
from opus.lib.wording.families import SUBJECTS
from opus.lib.wording.learned import INNOCENT, SCALE, WEIGHTS
from opus.lib.wording.reading import words_as_read

TRADES = Path(__file__).parents[3] / "offers" / "data" / "rome.csv"
# A sign that fewer examples have says more of them than of the language.
LEAST_WORDS, LEAST_LETTERS = 2, 4
# How freely weights may grow; more follows the examples closer.
FREEDOM = 20


SENTENCE_END = re.compile(r"(?<=[.!?;]) ")


def taught() -> Iterator[tuple[str, str]]:
    """The examples, and the title of each trade, which says nothing of anybody.

    An innocent text is so sentence by sentence, as the guard reads it.
    """
    for label, text in learned.examples():
        if label == INNOCENT:
            yield from ((label, part) for part in SENTENCE_END.split(text))
        elif label in SUBJECTS:
            yield label, text
    with TRADES.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield INNOCENT, row["label"]


def counted(
    sentences: list[list[str]], signs_of: Callable[[list[str]], set[str]], least: int
) -> tuple[csr_matrix, list[str]]:
    """Which sentence has which sign: one row a sentence, of length one."""
    counter = CountVectorizer(analyzer=signs_of, binary=True, min_df=least)
    rows = counter.fit_transform(sentences).astype(float)
    return normalize(rows), list(counter.get_feature_names_out())


def main() -> None:
    """Writes ``weights.tsv``: a sign a line, a whole number for each subject."""
    labels, texts = zip(*taught(), strict=True)
    sentences = [words_as_read(text) for text in texts]
    words, signs = counted(sentences, learned.words_of, LEAST_WORDS)
    letters, runs = counted(sentences, learned.letters_of, LEAST_LETTERS)
    model = LogisticRegression(C=FREEDOM, max_iter=1000)
    model.fit(hstack([words, letters]).tocsr(), labels)

    order = [list(model.classes_).index(family.value) for family in SUBJECTS]
    innocent = list(model.classes_).index(INNOCENT)
    weights = (model.coef_ - model.coef_[innocent])[order].T
    origin = (model.intercept_ - model.intercept_[innocent])[order]
    mark = learned.fingerprint(learned.examples())
    with WEIGHTS.open("w", encoding="utf-8") as file:
        file.write(f"# {mark}\n")
        for sign, row in zip(["", *signs, *runs], [origin, *weights], strict=True):
            numbers = [round(number * SCALE) for number in row]
            if any(numbers):
                file.write("\t".join([sign, *map(str, numbers)]) + "\n")


if __name__ == "__main__":
    main()
