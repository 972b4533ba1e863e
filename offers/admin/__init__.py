from offers.admin.feed import (
    EventQuarantineAdmin,
    FeedDeliveryAdmin,
    FeedEventAdmin,
)
from offers.admin.mirror import ImportRunAdmin, OfferAdmin, QuarantineAdmin
from offers.admin.pull import PullFindingAdmin, PullRunAdmin

__all__ = [
    "EventQuarantineAdmin",
    "FeedDeliveryAdmin",
    "FeedEventAdmin",
    "ImportRunAdmin",
    "OfferAdmin",
    "PullFindingAdmin",
    "PullRunAdmin",
    "QuarantineAdmin",
]
