"""What the feed does to an offer, without the feed."""

from offers.catalogue.models import Offer
from offers.catalogue.writes import writing_offers


def write(offer, **changes):
    with writing_offers():
        Offer.objects.filter(pk=offer.pk).update(**changes)
