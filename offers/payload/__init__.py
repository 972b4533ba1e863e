"""Read one offer as France Travail writes it: JSON to columns, no database.

The shape is the public API "Offres d'emploi v2", with an optional ``opus`` object.
Swapped coordinates, three date formats, HTML, old labels and former communes are
corrected here, for the feed, the poll and files.
"""

from offers.payload.contract import CONTRACTS, NATURES
from offers.payload.mode import OfferMode, read_mode
from offers.payload.offer import OfferContent, hash_content, read_offer
from offers.payload.parts import UnsoundOffer
from offers.payload.pay import read_pay
from offers.payload.profile import PERMITS

__all__ = [
    "CONTRACTS",
    "NATURES",
    "PERMITS",
    "OfferContent",
    "OfferMode",
    "UnsoundOffer",
    "hash_content",
    "read_mode",
    "read_offer",
    "read_pay",
]
