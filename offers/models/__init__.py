"""The copy of France Travail's offers, the search table, reference data.

Partners write nothing (art. 7): a trigger refuses writes that do not come through
``offers.mirror`` (S22). Triggers maintain the search table and the history of states.
"""

from offers.models.enums import Mode, OfferState, PlaceSource
from offers.models.feed import (
    Channel,
    EventKind,
    EventQuarantine,
    FeedDelivery,
    FeedEvent,
    PendingOffer,
)
from offers.models.imports import ImportRun, Quarantine
from offers.models.offers import Offer, OfferSearch, OfferStep
from offers.models.page import OfferDocument, SeenOffer
from offers.models.pull import FindingKind, PullFinding, PullKind, PullRun
from offers.models.reference import (
    Appellation,
    Commune,
    FormerCommune,
    Rome,
    Skill,
    label_key,
)
from offers.models.search import Word
