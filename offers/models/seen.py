"""The offers that somebody opened of late."""

from django.db import models
from django.db.models.functions import Now

from accounts.models import User
from offers.models.offers import Offer


class SeenOffer(models.Model):
    """An offer that somebody opened: his own memory, not evidence of anything.

    Without a constraint to the offers' table: a page that opens never waits for a
    batch of the feed that holds the offer's row. A trigger takes the row away with the
    offer's row of the search, that is as soon as France Travail withdraws it.
    """

    pk = models.CompositePrimaryKey("account_id", "offer_id")
    account = models.ForeignKey(User, models.CASCADE, related_name="+")
    offer = models.ForeignKey(
        Offer, models.CASCADE, related_name="+", db_constraint=False
    )
    at = models.DateTimeField("ouverte le", db_default=Now())

    class Meta:
        verbose_name = "offre vue"
        verbose_name_plural = "offres vues"
        ordering = ("-at", "offer")

    def __str__(self) -> str:
        return self.offer_id
