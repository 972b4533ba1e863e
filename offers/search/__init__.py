"""Find, count and list active offers.

Reads ``OfferSearch``, which has active offers only: a withdrawn offer is in no list,
count or proposal (R1, art. 3.1). No question may read the whole table: ``words`` and
``conditions`` say each condition for an index and for one row, ``counting`` counts in
one pass up to a cap, ``order`` returns one page, ``facets`` marks estimates,
``spelling`` and ``rescue`` help if nothing was found.
"""

from offers.search.answer import Hit, Search, find_by_number, hits, matches_of
from offers.search.facets import Choice, Facet
from offers.search.words import Answers, Question

__all__ = [
    "Answers",
    "Choice",
    "Facet",
    "Hit",
    "Question",
    "Search",
    "find_by_number",
    "hits",
    "matches_of",
]
