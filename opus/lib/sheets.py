"""A printed sheet: a frozen text, and the PDF that a worker makes of it (R6, ADR 3).

Documents handed to candidates and letters sent to structures are such sheets;
``opus.lib.printing`` is the worker's side.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from typing import Self

from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone

# A worker that takes a sheet has that long: more than its hard time limit (R7).
LEASE = dt.timedelta(seconds=60)
MAX_ATTEMPTS = 5


class SheetState(models.TextChoices):
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
        "état", max_length=10, choices=SheetState, default=SheetState.WAITING
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
        return self.state == SheetState.WAITING

    @property
    def is_ready(self) -> bool:
        return self.state == SheetState.READY

    @property
    def has_failed(self) -> bool:
        return self.state == SheetState.FAILED

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
            pk=pk, state=SheetState.WAITING, next_attempt_at__lte=timezone.now()
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
        type(self)._default_manager.filter(pk=self.pk, state=SheetState.WAITING).update(
            state=SheetState.READY,
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
        self._change(state=SheetState.FAILED, failure=failure)

    def start_again(self) -> bool:
        """Back to waiting after a failure; says whether there was one."""
        return bool(
            type(self)
            ._default_manager.filter(pk=self.pk, state=SheetState.FAILED)
            .update(
                state=SheetState.WAITING,
                attempts=0,
                failure="",
                next_attempt_at=timezone.now(),
            )
        )

    def _change(self, **changes: object) -> None:
        """Change a sheet that still waits, and no other."""
        type(self)._default_manager.filter(pk=self.pk, state=SheetState.WAITING).update(
            **changes
        )
