"""Invent offers in the API's shape, for demonstrations and benches.

Every text is ours; trades are ROME's, places real communes. The same seed and day give
the same offers, one by one. A known share has the faults of real offers.
"""

from demo.synthetic.numbers import NUMBERS, number_of
from demo.synthetic.offers import make_offers

__all__ = ["NUMBERS", "make_offers", "number_of"]
