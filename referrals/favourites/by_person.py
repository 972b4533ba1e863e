import dataclasses
from collections.abc import Iterable
from itertools import groupby

from offers.catalogue.models import Offer
from offers.search.results import similar_offers
from referrals.candidates.models.candidates import Candidate
from referrals.favourites.models import Favourite

# Similar offers cost a few queries: only the first withdrawn ones of a page have
# them; the others link to the page with them.
ALIKE_SHOWN = 2


@dataclasses.dataclass(frozen=True)
class Kept:
    favourite: Favourite
    alike: list[Offer]

    @property
    def offer(self) -> Offer:
        return self.favourite.offer


@dataclasses.dataclass(frozen=True)
class Shelf:
    """The favourites of one person, or those without a person."""

    candidate: Candidate | None
    kept: list[Kept]

    @property
    def key(self) -> str:
        return self.candidate.pk.hex if self.candidate else ""

    @property
    def has_several(self) -> bool:
        return any(one.offer.is_active for one in self.kept)


def shelves_of(favourites: Iterable[Favourite]) -> list[Shelf]:
    kept = with_alike(favourites)
    return [
        Shelf(candidate, list(those))
        for candidate, those in groupby(kept, lambda one: one.favourite.candidate)
    ]


def with_alike(favourites: Iterable[Favourite]) -> list[Kept]:
    """Add similar offers to the first withdrawn ones."""
    shown = 0
    kept = []
    for favourite in favourites:
        alike = []
        if favourite.offer_is_withdrawn and shown < ALIKE_SHOWN:
            shown += 1
            alike = similar_offers(favourite.offer)
        kept.append(Kept(favourite, alike))
    return kept
