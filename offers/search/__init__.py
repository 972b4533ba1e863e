"""Finds the active offers that answer a search, counts them and tells them apart.

Reads the narrow table of ``OfferSearch``, which has active offers only: what France
Travail withdrew stands in no list, count, facet or proposal from that instant (R1,
art. 3.1). Over a million offers no question may cost what the whole table costs, so:

- ``words`` and ``conditions`` say what is asked, twice: as an index finds it, and as
  one row shows it;
- ``counting`` counts all choices in one pass, which stops past the settings' figure;
- ``order`` brings one page, by the shortest of several ways;
- ``facets`` tells an exact number from an estimate;
- ``spelling`` and ``rescue`` help where nothing was found.
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
