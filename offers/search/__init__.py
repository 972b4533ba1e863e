"""Find, count and list active offers, in ``OfferSearch`` (R1, art. 3.1).

No query reads the whole table: ``words`` and ``conditions`` have indexes, ``counting``
stops at a cap, ``order`` returns one page, ``facets`` marks estimates, ``spelling`` and
``rescue`` help if nothing was found.
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
