"""Files that a worker makes, of which a row tells how far they are (S25, R6, R7).

A row tells what was asked and how far it is; it is its own outbox, as a printed sheet
is (``opus.lib.sheets``): it waits until a worker, woken after commit or by the sweep,
has made the file. Its owner follows it, gives it up, and has it for a day. Exports
(``opus.lib.exports``) and print jobs (``referrals.models.print_jobs``) are such rows.
"""

from __future__ import annotations

import datetime as dt
import logging
import tempfile
import uuid
from collections.abc import Callable
from typing import Any, Self

from celery.exceptions import SoftTimeLimitExceeded
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

logger = logging.getLogger(__name__)

KEPT = dt.timedelta(hours=24)
# A worker that says nothing for so long is dead: another one begins again.
LEASE = dt.timedelta(seconds=60)
MAX_ATTEMPTS = 3
# Below, the file is made in memory.
IN_MEMORY = 4_000_000


class FileState(models.TextChoices):
    """Where the making of the file stands."""

    WAITING = "attente", "en attente"
    RUNNING = "en_cours", "en préparation"
    READY = "pret", "prêt"
    FAILED = "echec", "échec"
    CANCELLED = "annule", "annulé"


UNFINISHED = (FileState.WAITING, FileState.RUNNING)


class FileFailure(models.TextChoices):
    """Why there is no file, in words that help whoever reads them."""

    RIGHTS = "droits", "vos droits ont changé depuis votre demande"
    TOO_SLOW = "duree", "la préparation a pris trop de temps"
    BREAKDOWN = "panne", "la préparation s’est arrêtée"


class Stopped(Exception):
    """The file is not this worker's any more: cancelled, or taken by another."""


class NotAllowed(Exception):
    """Who asked for it may not have it any more."""


class MadeFileQuerySet(models.QuerySet[Any]):
    """Questions asked of files in the making."""

    def kept(self) -> Self:
        """Those whose day is not over; a job takes the others away."""
        return self.filter(expires_at__gt=timezone.now())

    def of_account(self, pk: Any) -> Self:
        """One's own, for a day; never the file itself, which one page alone reads."""
        return self.kept().filter(account=pk).defer("content")


def in_a_day() -> dt.datetime:
    return timezone.now() + KEPT


class MadeFile(models.Model):
    """How far a file is, and the file. Whose it is, the concrete row says."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(
        "état", max_length=10, choices=FileState, default=FileState.WAITING
    )
    asked_at = models.DateTimeField("demandé le", db_default=Now())
    ready_at = models.DateTimeField("prêt le", null=True)
    expires_at = models.DateTimeField("gardé jusqu’au", default=in_a_day)
    rows_done = models.PositiveIntegerField("lignes écrites", default=0)
    rows_total = models.PositiveIntegerField("lignes à écrire", null=True)
    content = models.BinaryField(null=True, editable=False)
    size = models.PositiveIntegerField("taille", null=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    next_attempt_at = models.DateTimeField("prochain essai", db_default=Now())
    failure = models.CharField(
        "cause de l’échec",
        max_length=10,
        choices=FileFailure,
        blank=True,
        db_default="",
    )

    class Meta:
        abstract = True
        ordering = ("-asked_at", "pk")

    @property
    def is_ready(self) -> bool:
        return self.state == FileState.READY

    @property
    def is_running(self) -> bool:
        return self.state == FileState.RUNNING

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED

    @property
    def has_failed(self) -> bool:
        return self.state == FileState.FAILED

    @property
    def percent(self) -> int:
        """How much of it is written."""
        return 100 * self.rows_done // self.rows_total if self.rows_total else 0

    # --- The worker's side -------------------------------------------------------

    @classmethod
    @transaction.atomic
    def take(cls, pk: str) -> Self | None:
        """The file to make now, for this worker alone; None where there is none.

        One that was begun and of which nothing is heard any more begins again; after a
        few times it has failed.
        """
        rows = cls._default_manager.select_for_update(skip_locked=True, of=("self",))
        due = rows.filter(state__in=UNFINISHED, next_attempt_at__lte=timezone.now())
        file: Self | None = due.defer("content").filter(pk=pk).first()
        if file is None:
            return None
        if file.attempts >= MAX_ATTEMPTS:
            file.fail(FileFailure.BREAKDOWN)
            return None
        file.attempts += 1
        file.state = FileState.RUNNING
        file.rows_done = 0
        file.next_attempt_at = timezone.now() + LEASE
        file.save(update_fields=["attempts", "state", "rows_done", "next_attempt_at"])
        return file

    def mine(self) -> models.QuerySet[Any]:
        """This row, while it is this worker's: each attempt has its number."""
        return type(self)._default_manager.filter(
            pk=self.pk, state=FileState.RUNNING, attempts=self.attempts
        )

    def tell(self, done: int, total: int) -> None:
        """How far it is; and that the worker lives.

        Raises:
            Stopped: somebody cancelled it meanwhile, or it was thought dead.
        """
        if not self.mine().update(
            rows_done=done,
            rows_total=total,
            next_attempt_at=timezone.now() + LEASE,
        ):
            raise Stopped

    def store(self, content: bytes, rows: int) -> None:
        """Keep the file, if it is still wanted."""
        self.mine().update(
            state=FileState.READY,
            content=content,
            size=len(content),
            rows_done=rows,
            rows_total=rows,
            ready_at=timezone.now(),
            failure="",
        )

    def put_off(self, failure: FileFailure) -> None:
        """Begin again in a while; give up after a few times."""
        if self.attempts >= MAX_ATTEMPTS:
            self.fail(failure)
            return
        wait = dt.timedelta(seconds=5 * 2**self.attempts)
        self.mine().update(
            state=FileState.WAITING,
            failure=failure,
            next_attempt_at=timezone.now() + wait,
        )

    def fail(self, failure: FileFailure) -> None:
        unfinished = type(self)._default_manager.filter(
            pk=self.pk, state__in=UNFINISHED, attempts=self.attempts
        )
        unfinished.update(state=FileState.FAILED, failure=failure)

    # --- Its owner's side --------------------------------------------------------

    def cancel(self) -> bool:
        """Give it up, file included; the worker sees it at its next word."""
        rows = type(self)._default_manager.filter(pk=self.pk)
        return bool(
            rows.filter(state__in=(*UNFINISHED, FileState.READY)).update(
                state=FileState.CANCELLED, content=None, size=None
            )
        )


def make(file: MadeFile, write: Callable[[Any, Any], int]) -> None:
    """Make a file that was taken; whatever fails becomes its state.

    Args:
        write: writes it into what it is given, telling how far it is; returns of how
            many parts it is made.
    """
    try:
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as out:
            done = write(file, out)
            out.seek(0)
            file.store(out.read(), done)
    except Stopped:
        logger.info("File %s is not wanted any more.", file.pk)
    except NotAllowed:
        file.fail(FileFailure.RIGHTS)
    except SoftTimeLimitExceeded:
        logger.warning("File %s took too long.", file.pk)
        file.put_off(FileFailure.TOO_SLOW)
    except Exception as error:  # noqa: BLE001 - whatever a row does to a library
        logger.warning("File %s failed: %s.", file.pk, type(error).__name__)
        file.put_off(FileFailure.BREAKDOWN)


def over(model: type[MadeFile]) -> models.QuerySet[Any]:
    """The files whose day is over."""
    return model._default_manager.filter(expires_at__lte=timezone.now())


def purge(model: type[MadeFile]) -> None:
    """Let go the files whose day is over."""
    over(model).delete()


def due(model: type[MadeFile]) -> list[str]:
    """Those that no worker makes: never told of, or fallen silent."""
    rows = model._default_manager.filter(
        Q(state__in=UNFINISHED), next_attempt_at__lte=timezone.now()
    ).order_by(F("next_attempt_at"))
    return [str(pk) for pk in rows.values_list("pk", flat=True)[:200]]
