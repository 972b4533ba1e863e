"""Many searches asked at once: what they need is looked up once for all of them.

``offers.search`` answers one search and counts its facets; here nobody sees facets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import QuerySet

from offers.criteria import Criteria
from offers.models import OfferSearch
from offers.places import areas_by_code
from offers.search import Search


class Question(Search):
    """A search that is told what ``Search`` would look up by itself."""

    def __init__(self, criteria: Criteria, places: dict, sayings: set[str]) -> None:
        self.criteria = criteria
        found = [places[code] for code in criteria.places if code in places]
        self.areas = list(dict.fromkeys(found))
        self.has_words = criteria.words in sayings


def matches_of(criteria: Sequence[Criteria]) -> list[QuerySet[OfferSearch]]:
    """The open offers of each search, not asked yet."""
    places = areas_by_code(sorted({code for each in criteria for code in each.places}))
    sayings = say_something(each.words for each in criteria)
    return [Question(each, places, sayings).matches() for each in criteria]


def say_something(questions: Iterable[str]) -> set[str]:
    """Those with a word that the search knows: « de la » has none."""
    asked = sorted({words for words in questions if words})
    if not asked:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT words FROM unnest(%s::text[]) words"
            " WHERE numnode(opus_query(words)) > 0",
            [asked],
        )
        return {words for (words,) in cursor.fetchall()}
