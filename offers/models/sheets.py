"""The information sheet of an offer, as PDF (design 2.1, A13)."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from offers.models.offers import Offer, OfferState
from opus.lib.sheets import Sheet, SheetState


class OfferSheetQuerySet(models.QuerySet["OfferSheet"]):
    """Questions asked of sets of information sheets."""

    def useless(self) -> Self:
        """Those of offers that left, and those that a later content replaced."""
        later = OfferSheet.objects.filter(
            offer=OuterRef("offer"), created_at__gt=OuterRef("created_at")
        )
        return self.filter(~Q(offer__state=OfferState.ACTIVE) | Exists(later))


class OfferSheet(Sheet):
    """What one takes away of an offer without any act: one for each content of it.

    It has nobody's name, so that it is made once and serves all who may consult. It
    goes with the offer: made again at the next reading, if the offer comes back.
    """

    offer = models.ForeignKey(
        Offer, models.CASCADE, verbose_name="offre", related_name="sheets"
    )

    objects = OfferSheetQuerySet.as_manager()

    class Meta:
        verbose_name = "fiche d’information"
        verbose_name_plural = "fiches d’information"
        ordering = ("-created_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "html_sha256"], name="one_sheet_for_a_content"
            ),
            models.CheckConstraint(
                condition=~Q(state=SheetState.READY)
                | Q(pdf__isnull=False, ready_at__isnull=False),
                name="ready_offer_sheet_has_its_pdf",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state=SheetState.WAITING),
                name="offer_sheet_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"Fiche de l’offre {self.offer_id}"
