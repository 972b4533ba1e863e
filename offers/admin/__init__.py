from offers.admin.catalogue import OfferAdmin
from offers.admin.feed import EventQuarantineAdmin, FeedDeliveryAdmin, FeedEventAdmin
from offers.admin.files import ImportRunAdmin, QuarantineAdmin
from offers.admin.pull import PullFindingAdmin, PullRunAdmin
