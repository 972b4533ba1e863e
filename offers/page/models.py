from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from accounts.users.models import User
from offers.catalogue.models import Offer
from offers.enums import OfferState
from opus.lib.background_files import FrozenDocument


class OfferDocumentQuerySet(models.QuerySet["OfferDocument"]):
    def useless(self) -> Self:
        later = OfferDocument.objects.filter(
            offer=OuterRef("offer"), created_at__gt=OuterRef("created_at")
        )
        return self.filter(~Q(offer__state=OfferState.ACTIVE) | Exists(later))


class OfferDocument(FrozenDocument):
    """The information sheet of one content of an offer."""

    offer = models.ForeignKey(
        Offer, models.CASCADE, verbose_name="offre", related_name="documents"
    )

    objects = OfferDocumentQuerySet.as_manager()

    class Meta(FrozenDocument.Meta):
        verbose_name = "fiche d’information"
        verbose_name_plural = "fiches d’information"
        constraints = [
            *FrozenDocument.Meta.constraints,
            models.UniqueConstraint(
                fields=["offer", "html_sha256"], name="one_document_for_a_content"
            ),
        ]

    def __str__(self) -> str:
        return f"Fiche de l’offre {self.offer_id}"


class SeenOffer(models.Model):
    """An offer that a person opened; not evidence.

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
