"""Many searches asked at once: what they need is looked up once for all of them.

``offers.search`` answers one search and counts its facets; here nobody sees facets.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from offers.criteria import Criteria
from offers.models import OfferSearch
from offers.places import areas_by_code
from offers.search import Search


def matches_of(criteria: Sequence[Criteria]) -> list[QuerySet[OfferSearch]]:
    """The open offers of each search, not asked yet."""
    places = areas_by_code(sorted({code for each in criteria for code in each.places}))
    return [Search(each, places).matches() for each in criteria]
