"""What came in since a search was opened: one statement for all of one's searches.

Each search stops counting at a hundred, so that a broad one that nobody opened for
months costs no more than the others.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from itertools import batched

from django.db.models import IntegerField, QuerySet, Value

from offers.models import OfferSearch, SavedSearch
from offers.models.searches import MOST_NEWS
from offers.saved.matching import matches_of


def count_news(searches: Sequence[SavedSearch]) -> None:
    """Set ``news`` on each: the open offers that came in since it was opened.

    A search that is not understood as it was kept would answer too much: it counts
    nothing, and its line says why.
    """
    sound = [search for search in searches if search.is_sound]
    fresh = [
        (offers, search.opened_at, None)
        for search, offers in zip(
            sound, matches_of([search.criteria for search in sound]), strict=True
        )
    ]
    for search, news in zip(sound, count_each(fresh, MOST_NEWS + 1), strict=True):
        search.news = news


# Searches in one statement: it is planned as a whole.
AT_ONCE = 100
Window = tuple[QuerySet[OfferSearch], dt.datetime, dt.datetime | None]


def count_each(windows: Sequence[Window], most: int) -> list[int]:
    """How many offers of each came in between its two instants, counted up to a number.

    One statement for ``AT_ONCE`` of them; none where there is nothing to ask.
    """
    counts: Counter[int] = Counter()
    for batch in batched(enumerate(windows), AT_ONCE):
        first, *others = [
            came_in(offers, since, until)
            .order_by()
            .values_list(Value(number, IntegerField()))[:most]
            for number, (offers, since, until) in batch
        ]
        rows = first.union(*others, all=True) if others else first
        counts.update(number for (number,) in rows)
    return [counts[number] for number in range(len(windows))]


def came_in(
    offers: QuerySet[OfferSearch], since: dt.datetime, until: dt.datetime | None = None
) -> QuerySet[OfferSearch]:
    """Those that came in from an instant on, and before another."""
    offers = offers.filter(appeared_at__gte=since)
    return offers.filter(appeared_at__lt=until) if until else offers
