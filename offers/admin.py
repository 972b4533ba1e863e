from offers.catalogue.admin import OfferAdmin
from offers.feed.admin import EventQuarantineAdmin, FeedDeliveryAdmin, FeedEventAdmin
from offers.files.admin import ImportRunAdmin, QuarantineAdmin
from offers.pull.admin import PullFindingAdmin, PullRunAdmin
from offers.search.admin import EverydayWordAdmin, MissedWordAdmin
