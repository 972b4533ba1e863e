"""The document proposing the offer, which must be handed over (art. 7)."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse

from accounts.models import User
from referrals.models.acts import Referral


class DocumentState(models.TextChoices):
    """Where the making of the PDF stands."""

    WAITING = "attente", "en préparation"
    READY = "pret", "prêt"
    FAILED = "echec", "échec"
    VOID = "annule", "annulé"


class DocumentQuerySet(models.QuerySet["Document"]):
    """Questions asked of sets of documents."""

    def visible_to(self, user: User) -> Self:
        return self.filter(
            referral__structure=user.structure_id,
            referral__candidate__adviser=user.pk,
        )


class Document(models.Model):
    """One frozen version of an act's document.

    The HTML is frozen in the transaction of the act: it is what the HTML page shows
    and what the worker prints. The row is its own outbox: it waits until a worker,
    woken after commit or by the sweep, has made the PDF (R6).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(
        Referral,
        models.PROTECT,
        verbose_name="mise en contact",
        related_name="documents",
    )
    version = models.PositiveSmallIntegerField("version", default=1)
    state = models.CharField(
        "état", max_length=10, choices=DocumentState, default=DocumentState.WAITING
    )
    created_at = models.DateTimeField("établi le", db_default=Now())
    title = models.CharField("titre", max_length=200)
    # The printed body, frozen, and its SHA-256.
    html = models.TextField(editable=False)
    html_sha256 = models.CharField("empreinte", max_length=64, editable=False)
    pdf = models.BinaryField(null=True, editable=False)
    pdf_sha256 = models.CharField(
        "empreinte du PDF", max_length=64, blank=True, editable=False
    )
    ready_at = models.DateTimeField("prêt le", null=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    next_attempt_at = models.DateTimeField("prochain essai", db_default=Now())
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
        return f"{self.referral} v{self.version}"

    def get_absolute_url(self) -> str:
        return reverse("document", args=[self.pk])

    @property
    def number(self) -> str:
        return f"{self.referral.number}-{self.version}"
