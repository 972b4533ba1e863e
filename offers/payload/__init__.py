"""Reads one offer as France Travail writes it: JSON in, columns out, no database.

The shape is that of the public API "Offres d'emploi v2", with an optional ``opus``
object beside (docs: the offers feed). Twenty years of upstream writers left traps:
swapped coordinates, three date formats, HTML in texts, labels that changed, communes
that no longer exist. They are put right here, once, for the feed, the poll and files.
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
