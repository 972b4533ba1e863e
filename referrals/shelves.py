"""Kept offers as pages lay them out: person by person, with what to do of each."""

import dataclasses
from collections.abc import Iterable
from itertools import groupby

from offers.lookalikes import lookalikes
from offers.models import Offer
from referrals.models import Candidate, Favourite

# Offers like a withdrawn one cost a few queries: for the first ones of a page; the
# others lead to the page that shows them.
ALIKE_SHOWN = 2


@dataclasses.dataclass(frozen=True)
class Kept:
    """A kept offer as a list shows it; with others like it once it was withdrawn."""

    favourite: Favourite
    alike: list[Offer]

    @property
    def offer(self) -> Offer:
        return self.favourite.offer


@dataclasses.dataclass(frozen=True)
class Shelf:
    """The offers kept for one person, or for nobody yet."""

    candidate: Candidate | None
    kept: list[Kept]

    @property
    def key(self) -> str:
        """What tells its form from the others of the page."""
        return self.candidate.pk.hex if self.candidate else ""

    @property
    def has_several(self) -> bool:
        """Whether there is something to tick."""
        return any(one.offer.is_active for one in self.kept)


def shelves_of(favourites: Iterable[Favourite]) -> list[Shelf]:
    """Kept offers, which come in the order of their persons, by person."""
    kept = with_alike(favourites)
    return [
        Shelf(candidate, list(those))
        for candidate, those in groupby(kept, lambda one: one.favourite.candidate)
    ]


def with_alike(favourites: Iterable[Favourite]) -> list[Kept]:
    """The first withdrawn ones come with what is open instead."""
    asked = 0
    kept = []
    for favourite in favourites:
        alike = []
        if favourite.offer_is_withdrawn and asked < ALIKE_SHOWN:
            asked += 1
            alike = lookalikes(favourite.offer)
        kept.append(Kept(favourite, alike))
    return kept
