import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from offers.pull.api import LAST_INDEX, PAGE, WINDOW_HOLDS, Api, Budget
from offers.pull.windows import SECOND, Window

# Offers added or removed between two pages shift the rest: read again.
READINGS = 3


class TooMany(Exception):
    """The window has too many offers: halve it."""


@dataclass(slots=True)
class Reading:
    """The raw offers of a window.

    ``is_whole``: the count was the same on all pages, and all offers were read.
    Only then is an absent offer missing.
    """

    window: Window
    begun_at: dt.datetime
    offers: list[Any] = field(default_factory=list)
    is_whole: bool = False


def read_window(
    api: Api, window: Window, budget: Budget, *, now: dt.datetime
) -> Reading:
    """Read every page of a window. Raises TooMany, ApiAway, OutOfTime."""
    reading = Reading(window, now)
    for _ in range(READINGS):
        reading.offers = []
        if read_pages(api, window, budget, reading.offers):
            reading.is_whole = True
            break
    return reading


def read_pages(api: Api, window: Window, budget: Budget, offers: list[Any]) -> bool:
    """Add offers; return whether they are all. Raises TooMany."""
    first, total = 0, None
    is_steady = True
    while first <= LAST_INDEX:
        page = api.search(window, first, budget)
        if total is None:
            total = page.total
            if total > WINDOW_HOLDS and window.length > SECOND:
                raise TooMany
        is_steady &= page.total == total
        offers.extend(page.offers)
        first += PAGE
        if first >= page.total or not page.offers:
            break
    ids = (offer.get("id") for offer in offers if isinstance(offer, dict))
    names = [name for name in ids if isinstance(name, str)]
    is_distinct = len(set(names)) == len(names)
    return is_steady and is_distinct and len(offers) == total
