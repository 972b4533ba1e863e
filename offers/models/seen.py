from django.db import models
from django.db.models.functions import Now

from accounts.models import User
from offers.models.offers import Offer


class SeenOffer(models.Model):
    """An offer that somebody opened; no evidence.

    Without foreign key: opening a page never waits for the feed's locks. A trigger
    deletes the row as soon as the offer is withdrawn.
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
