"""Words written with one wrong letter (Damerau-Levenshtein distance of 1)."""

from collections.abc import Collection, Iterator

SHORTEST = 7


def shortened(word: str) -> Iterator[str]:
    """Yield the word, then without each of its letters."""
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def is_one_slip(one: str, other: str) -> bool:
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    a, b = one[start:], other[start:]
    is_swap = a[:2] == b[1::-1] and a[2:] == b[2:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or is_swap


class Spelling:
    """Words that may be misspelt, and those that never are."""

    def __init__(self, words: Collection[str], ordinary: Collection[str]) -> None:
        self.right = {*words, *ordinary}
        self.near: dict[str, list[str]] = {}
        for word in words:
            if len(word) >= SHORTEST:
                for short in shortened(word):
                    self.near.setdefault(short, []).append(word)

    def meant(self, word: str) -> Iterator[str]:
        if len(word) < SHORTEST - 1 or word in self.right:
            return
        near = {
            known for short in shortened(word) for known in self.near.get(short, ())
        }
        yield from (known for known in near if is_one_slip(word, known))
