from offers.admin.feed import (
    EventQuarantineAdmin,
    FeedDeliveryAdmin,
    FeedEventAdmin,
)
from offers.admin.mirror import ImportRunAdmin, OfferAdmin, QuarantineAdmin
from offers.admin.pull import PullFindingAdmin, PullRunAdmin
