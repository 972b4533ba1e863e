"""Invented offers in the shape of France Travail's API, for demonstrations and benches.

Every text is ours; trades are those of ROME, places are real communes drawn by their
population. The same seed and day give the same offers, one after the other, so that a
million of them never lie in memory. A known share carries the faults of real offers.
"""

from offers.synthetic.numbers import NUMBERS, number_of
from offers.synthetic.offers import make_offers

__all__ = ["NUMBERS", "make_offers", "number_of"]
