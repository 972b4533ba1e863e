"""Django finds the models of each subject here.

Partners write nothing (art. 7): a trigger refuses writes that do not come through
``offers.catalogue.writes`` (S22). Triggers maintain the search table and the history of
states.
"""

from offers.catalogue.models import Offer, OfferSearch, OfferStep
from offers.feed.models import EventQuarantine, FeedDelivery, FeedEvent, PendingOffer
from offers.files.models import ImportRun, Quarantine
from offers.page.models import OfferDocument, SeenOffer
from offers.pull.models import PullFinding, PullRun
from offers.reference.models import Appellation, Commune, FormerCommune, Rome, Skill
from offers.search.models import EverydayWord, JobName, Miss, MissedWord, Word
