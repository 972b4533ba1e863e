from bisect import bisect
from collections.abc import Sequence
from random import Random


class Dice:
    def __init__(self, seed: int) -> None:
        self.draw = Random(seed).random

    def happens(self, share: float) -> bool:
        return self.draw() < share

    def number(self, least: int, most: int) -> int:
        return least + int(self.draw() * (most - least + 1))

    def pick[T](self, values: Sequence[T]) -> T:
        return values[int(self.draw() * len(values))]

    def weighed[T](self, values: Sequence[T], totals: Sequence[int]) -> T:
        """Return one value, by running totals of weights."""
        return values[bisect(totals, self.draw() * totals[-1])]

    def some(self, values: Sequence[str], count: int) -> Sequence[str]:
        """Return different values, neighbours on a ring."""
        start = int(self.draw() * len(values))
        return (*values[start:], *values[:start])[:count]
