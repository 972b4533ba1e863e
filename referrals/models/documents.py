"""The document proposing the offer, which must be handed over (art. 7)."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from offers.models import OfferState
from opus.lib.sheets import Sheet, SheetState
from referrals.models.acts import Referral
from referrals.models.candidates import Candidate
from referrals.models.states import ReferralState

# What the making of a PDF goes through, under the name that its readers use here.
DocumentState = SheetState


class DocumentQuerySet(models.QuerySet["Document"]):
    """Questions asked of sets of documents."""

    def visible_to(self, user: User) -> Self:
        return self.filter(
            referral__structure=user.structure_id,
            referral__candidate__adviser=user.pk,
        )

    def to_hand_over(self, candidate: Candidate) -> Self:
        """The good sheets of the person's acts that she does not hold yet (art. 7)."""
        return (
            self.filter(
                referral__candidate=candidate,
                referral__state=ReferralState.PROPOSED,
                referral__offer__state=OfferState.ACTIVE,
                void_at__isnull=True,
            )
            .select_related("referral__offer")
            .defer("pdf", "referral__offer__description", "referral__offer__details")
            .order_by("referral__number", "-version")
        )


class Document(Sheet):
    """One frozen version of an act's document.

    The HTML is frozen in the transaction of the act: it is what the HTML page shows
    and what the worker prints.
    """

    referral = models.ForeignKey(
        Referral,
        models.PROTECT,
        verbose_name="mise en contact",
        related_name="documents",
    )
    version = models.PositiveSmallIntegerField("version", default=1)
    title = models.CharField("titre", max_length=200)
    void_at = models.DateTimeField("annulé le", null=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "document"
        ordering = ("-created_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "version"], name="one_document_by_version"
            ),
            models.CheckConstraint(
                condition=~Q(state=DocumentState.READY)
                | Q(pdf__isnull=False, ready_at__isnull=False),
                name="ready_document_has_its_pdf",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state=DocumentState.WAITING),
                name="document_waiting",
            )
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("document", args=[self.pk])

    @property
    def number(self) -> str:
        return f"{self.referral.number}-{self.version}"

    @property
    def void_since(self) -> dt.datetime | None:
        """Since when it must not be used: its act cancelled, or its offer withdrawn.

        None while it is good. An offer that comes back makes it good again (2.7).
        """
        if self.void_at:
            return self.void_at
        offer = self.referral.offer
        return None if offer.is_active else offer.state_at

    @property
    def is_void(self) -> bool:
        return self.void_since is not None

    @property
    def was_cancelled(self) -> bool:
        """Void by its act's end, and not by its offer's withdrawal."""
        return self.void_at is not None

    def void(self, *, at: dt.datetime) -> None:
        """Withdraw it for good; the text and the PDF stay, as evidence."""
        self.state, self.void_at = DocumentState.VOID, at
        self.save(update_fields=["state", "void_at"])


class VoidSheet(Sheet):
    """What stands in a void document's place: its number and dates, no offer.

    Made when somebody asks for it, since most void documents are never opened again.
    An offer that was withdrawn twice has two, each with its own date.
    """

    document = models.ForeignKey(
        Document,
        models.PROTECT,
        verbose_name="document",
        related_name="void_sheets",
    )
    since = models.DateTimeField("annulé le")

    class Meta:
        verbose_name = "fiche d’annulation"
        verbose_name_plural = "fiches d’annulation"
        ordering = ("-since",)
        constraints = [
            models.UniqueConstraint(
                fields=["document", "since"], name="one_void_sheet_by_withdrawal"
            ),
            models.CheckConstraint(
                condition=~Q(state=DocumentState.READY)
                | Q(pdf__isnull=False, ready_at__isnull=False),
                name="ready_void_sheet_has_its_pdf",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state=DocumentState.WAITING),
                name="void_sheet_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.document} (annulé)"
