"""Read one offer as France Travail writes it: JSON to columns, without database.

The shape is the API "Offres d'emploi v2" with an optional ``opus`` object. Errors of
the feed, the poll and files are corrected here: coordinates, dates, HTML, communes.
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
