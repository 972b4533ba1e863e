"""The document proposing the offer, which must be handed over (art. 7)."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from typing import Self

from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from referrals.models.acts import Referral

# A worker that takes a sheet has that long: more than its hard time limit (R7).
LEASE = dt.timedelta(seconds=60)
MAX_ATTEMPTS = 5


class DocumentState(models.TextChoices):
    """Where the making of the PDF stands."""

    WAITING = "attente", "en préparation"
    READY = "pret", "prêt"
    FAILED = "echec", "échec"
    VOID = "annule", "annulé"


class Failure(models.TextChoices):
    """Why a PDF could not be made, in words that help whoever reads them."""

    NO_PRINTER = "imprimante", "l’outil d’impression manque sur le serveur"
    TOO_SLOW = "duree", "la mise en page a pris trop de temps"
    BREAKDOWN = "panne", "la mise en page a échoué"


class Sheet(models.Model):
    """A frozen text and the PDF that a worker makes of it.

    The row is its own outbox: it waits until a worker, woken after commit or by the
    sweep, has printed it (R6, ADR 3).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(
        "état", max_length=10, choices=DocumentState, default=DocumentState.WAITING
    )
    created_at = models.DateTimeField("établi le", db_default=Now())
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
    failure = models.CharField(
        "cause de l’échec", max_length=10, choices=Failure, blank=True, db_default=""
    )

    class Meta:
        abstract = True

    @property
    def is_waiting(self) -> bool:
        return self.state == DocumentState.WAITING

    @property
    def is_ready(self) -> bool:
        return self.state == DocumentState.READY

    @property
    def has_failed(self) -> bool:
        return self.state == DocumentState.FAILED

    def freeze(self, html: str) -> None:
        """Keep this text and its hash: nothing changes it any more."""
        self.html = html
        self.html_sha256 = hashlib.sha256(html.encode()).hexdigest()

    @classmethod
    @transaction.atomic
    def take(cls, pk: str) -> Self | None:
        """The sheet to print now, for this worker alone; None where there is none.

        It counts the attempt before the work, so that a text which kills its worker
        stops after a few, and lends the row for a minute: no lock during the work.
        """
        rows = cls._default_manager.select_for_update(skip_locked=True, of=("self",))
        sheet = rows.filter(
            pk=pk, state=DocumentState.WAITING, next_attempt_at__lte=timezone.now()
        ).first()
        if sheet is None:
            return None
        if sheet.attempts >= MAX_ATTEMPTS:
            sheet.fail(sheet.failure or Failure.TOO_SLOW)
            return None
        sheet.attempts += 1
        sheet.next_attempt_at = timezone.now() + LEASE
        sheet.save(update_fields=["attempts", "next_attempt_at"])
        return sheet

    def store(self, pdf: bytes) -> None:
        """Keep the PDF, once: a second run of the task finds nothing to change."""
        type(self)._default_manager.filter(
            pk=self.pk, state=DocumentState.WAITING
        ).update(
            state=DocumentState.READY,
            pdf=pdf,
            pdf_sha256=hashlib.sha256(pdf).hexdigest(),
            ready_at=timezone.now(),
            failure="",
        )

    def put_off(self, failure: Failure) -> None:
        """Try again later, each time later; give up after the last attempt."""
        if self.attempts >= MAX_ATTEMPTS:
            self.fail(failure)
            return
        wait = dt.timedelta(seconds=5 * 2**self.attempts)
        self._change(failure=failure, next_attempt_at=timezone.now() + wait)

    def fail(self, failure: str) -> None:
        self._change(state=DocumentState.FAILED, failure=failure)

    def start_again(self) -> bool:
        """Back to waiting after a failure; says whether there was one."""
        return bool(
            type(self)
            ._default_manager.filter(pk=self.pk, state=DocumentState.FAILED)
            .update(
                state=DocumentState.WAITING,
                attempts=0,
                failure="",
                next_attempt_at=timezone.now(),
            )
        )

    def _change(self, **changes: object) -> None:
        """Change a sheet that still waits, and no other."""
        type(self)._default_manager.filter(
            pk=self.pk, state=DocumentState.WAITING
        ).update(**changes)


class DocumentQuerySet(models.QuerySet["Document"]):
    """Questions asked of sets of documents."""

    def visible_to(self, user: User) -> Self:
        return self.filter(
            referral__structure=user.structure_id,
            referral__candidate__adviser=user.pk,
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
