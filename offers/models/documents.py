"""The information sheet of an offer, as PDF (design 2.1, A13)."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from offers.models.offers import Offer, OfferState
from opus.lib.files.documents import FrozenDocument


class OfferDocumentQuerySet(models.QuerySet["OfferDocument"]):
    """Questions asked of sets of information sheets."""

    def useless(self) -> Self:
        """Those of offers that left, and those that a later content replaced."""
        later = OfferDocument.objects.filter(
            offer=OuterRef("offer"), created_at__gt=OuterRef("created_at")
        )
        return self.filter(~Q(offer__state=OfferState.ACTIVE) | Exists(later))


class OfferDocument(FrozenDocument):
    """What one takes away of an offer without any act: one for each content of it.

    It has nobody's name, so that it is made once and serves all who may consult. It
    goes with the offer: made again at the next reading, if the offer comes back.
    """

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
