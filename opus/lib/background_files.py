"""Files that a worker makes, from rows or from a frozen text (S25, R6, R7)."""

import datetime as dt
import functools
import hashlib
import logging
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.apps import apps
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils import timezone

from opus.lib import jobs
from opus.lib.database.states import known
from opus.lib.documents import pdf

logger = logging.getLogger(__name__)

KEPT = dt.timedelta(hours=24)
# A worker silent for this long is dead: another one restarts the file.
LEASE = dt.timedelta(seconds=60)
MAX_ATTEMPTS = 3
# Below this size, the file is made in memory.
IN_MEMORY = 4_000_000


class FileState(models.TextChoices):
    WAITING = "attente", "en attente"
    RUNNING = "en_cours", "en préparation"
    READY = "pret", "prêt"
    FAILED = "echec", "échec"
    CANCELLED = "annule", "annulé"


UNFINISHED = (FileState.WAITING, FileState.RUNNING)
LIVE = (*UNFINISHED, FileState.READY)


class FileFailure(models.TextChoices):
    RIGHTS = "droits", "vos droits ont changé depuis votre demande"
    NO_PRINTER = "imprimante", "l’outil d’impression manque sur le serveur"
    TOO_SLOW = "duree", "la préparation a pris trop de temps"
    BREAKDOWN = "panne", "la préparation s’est arrêtée"


class Stopped(Exception):
    """The file is another worker's, or is not needed."""


class NotAllowed(Exception):
    """The account may no longer have this file."""


class BackgroundFile(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(
        "état", max_length=10, choices=FileState, default=FileState.WAITING
    )
    created_at = models.DateTimeField("établi le", db_default=Now())
    ready_at = models.DateTimeField("prêt le", null=True)
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
        ordering = ("-created_at", "pk")
        constraints = [
            known(FileState, "%(class)s_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state=FileState.READY)
                | Q(content__isnull=False, ready_at__isnull=False),
                name="%(class)s_is_ready_with_its_file",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state__in=["attente", "en_cours"]),
                name="%(class)s_waiting",
            )
        ]

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

    @classmethod
    @transaction.atomic
    def claim(cls, pk: uuid.UUID | str) -> Self | None:
        """Lease the file to this worker for a minute.

        The attempt counts first: a file that kills its worker fails after a few.
        """
        rows = cls._default_manager.select_for_update(skip_locked=True, of=("self",))
        due = rows.filter(state__in=UNFINISHED, next_attempt_at__lte=timezone.now())
        file: Self | None = due.defer("content").filter(pk=pk).first()
        if file is None:
            return None
        if file.attempts >= MAX_ATTEMPTS:
            file.fail(file.failure or FileFailure.BREAKDOWN)
            return None
        file.attempts += 1
        file.state = FileState.RUNNING
        file.next_attempt_at = timezone.now() + LEASE
        file.save(update_fields=["attempts", "state", "next_attempt_at"])
        return file

    def row(self, **having: Any) -> models.QuerySet[Any]:
        return type(self)._default_manager.filter(pk=self.pk, **having)

    def claimed(self) -> models.QuerySet[Any]:
        return self.row(state=FileState.RUNNING, attempts=self.attempts)

    def store(self, content: bytes) -> None:
        self.claimed().update(
            state=FileState.READY,
            content=content,
            size=len(content),
            ready_at=timezone.now(),
            failure="",
        )

    def retry_later(self, failure: FileFailure) -> None:
        """Wait, longer each time; fail after the last attempt."""
        if self.attempts >= MAX_ATTEMPTS:
            self.fail(failure)
            return
        next_at = timezone.now() + dt.timedelta(seconds=5 * 2**self.attempts)
        self.claimed().update(
            state=FileState.WAITING, failure=failure, next_attempt_at=next_at
        )

    def fail(self, failure: str) -> None:
        unfinished = self.row(state__in=UNFINISHED, attempts=self.attempts)
        unfinished.update(state=FileState.FAILED, failure=failure)

    def start_again(self, *states: FileState) -> bool:
        """Reset it from these states (default: failed); return success."""
        updated = self.row(state__in=states or [FileState.FAILED]).update(
            state=FileState.WAITING,
            content=None,
            size=None,
            ready_at=None,
            attempts=0,
            failure="",
            next_attempt_at=timezone.now(),
        )
        return bool(updated)


class OwnedFileQuerySet(models.QuerySet[Any]):
    def kept(self) -> Self:
        return self.filter(expires_at__gt=timezone.now())

    def of_account(self, pk: Any) -> Self:
        return self.kept().filter(account=pk).defer("content")


def in_a_day() -> dt.datetime:
    return timezone.now() + KEPT


class OwnedFile(BackgroundFile):
    expires_at = models.DateTimeField("gardé jusqu’au", default=in_a_day)
    rows_done = models.PositiveIntegerField("lignes écrites", default=0)
    rows_total = models.PositiveIntegerField("lignes à écrire", null=True)

    class Meta(BackgroundFile.Meta):
        abstract = True
        constraints = [
            *BackgroundFile.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state=FileState.READY) | Q(content__isnull=True),
                name="%(class)s_keeps_no_other_file",
            ),
        ]

    @property
    def percent(self) -> int:
        return 100 * self.rows_done // self.rows_total if self.rows_total else 0

    def report_progress(self, done: int, total: int) -> None:
        """Write the progress, renew the lease, or raise Stopped."""
        if not self.claimed().update(
            rows_done=done, rows_total=total, next_attempt_at=timezone.now() + LEASE
        ):
            raise Stopped

    def cancel(self) -> bool:
        live = self.row(state__in=LIVE)
        return bool(live.update(state=FileState.CANCELLED, content=None, size=None))


# The function that makes each kind of file, added by its app.
WRITERS: dict[type[BackgroundFile], Callable[[Any, Any], None]] = {}


def make(model: type[BackgroundFile], pk: str) -> None:
    """Make a file if it waits; errors become its state."""
    file = model.claim(pk)
    if file is None:
        return
    reason, failure = "", None
    try:
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as out:
            WRITERS[model](file, out)
            out.seek(0)
            file.store(out.read())
    except Stopped:
        logger.info("File %s is not needed any more.", pk)
    except NotAllowed:
        file.fail(FileFailure.RIGHTS)
    except pdf.PrinterMissing as error:
        # No retry helps: the printer must be installed.
        logger.error("The printer is missing: %s", error)
        file.fail(FileFailure.NO_PRINTER)
    except SoftTimeLimitExceeded:
        reason, failure = "too long", FileFailure.TOO_SLOW
    except Exception as error:  # noqa: BLE001 - whatever a row does to a library
        reason, failure = type(error).__name__, FileFailure.BREAKDOWN
    if failure:
        # Outside the handler, whose traceback keeps what the file used: all the memory
        # of this process, if a document wanted more (S31).
        logger.warning("File %s failed: %s.", pk, reason)
        file.retry_later(failure)


def due() -> Iterator[BackgroundFile]:
    """Yield the files without a worker, the oldest first."""
    for model in WRITERS:
        rows = model._default_manager.filter(
            state__in=UNFINISHED, next_attempt_at__lte=timezone.now()
        )
        yield from rows.order_by("next_attempt_at").only("pk")[:200]


def expired() -> Iterator[models.QuerySet[Any]]:
    for model in WRITERS:
        if issubclass(model, OwnedFile):
            yield model._default_manager.filter(expires_at__lte=timezone.now())


class FrozenDocument(BackgroundFile):
    # The printed body, and its SHA-256.
    html = models.TextField(editable=False)
    html_sha256 = models.CharField("empreinte", max_length=64, editable=False)

    class Meta(BackgroundFile.Meta):
        abstract = True

    def freeze(self, html: str) -> None:
        self.html = html
        self.html_sha256 = hashlib.sha256(html.encode()).hexdigest()


def page_of(document: FrozenDocument, title: str) -> str:
    return render_to_string(
        "documents/page.html", {"title": title, "body": document.html}
    )


def lay_out(
    document: FrozenDocument, title: str, *styles: Path, tight: Path | None = None
) -> Any:
    """Return the pages; add ``tight`` above one (U4)."""
    html = page_of(document, title)
    laid_out = pdf.lay_out(html, *styles)
    if tight and len(laid_out.pages) > 1:
        laid_out = pdf.lay_out(html, *styles, tight)
        logger.warning("A document was set tighter: %s page(s).", len(laid_out.pages))
    return laid_out


# The next sweep replaces a late one.
SWEEP_EVERY = 10


# The hard limit is half of the broker's visibility time-out (R7).
@shared_task(soft_time_limit=40, time_limit=45)
def make_file(table: str, pk: str) -> None:
    make(apps.get_model(table), pk)


@shared_task(expires=SWEEP_EVERY)
def make_waiting_files() -> None:
    for file in due():
        make_file.delay(file._meta.label_lower, str(file.pk))


@shared_task
@jobs.exclusive("delete-expired-files", every=dt.timedelta(hours=1))
def delete_expired_files() -> None:
    for rows in expired():
        rows.delete()


def enqueue_file(file: BackgroundFile) -> None:
    table, pk = file._meta.label_lower, str(file.pk)
    send = functools.partial(jobs.enqueue, make_file, table, pk)
    transaction.on_commit(send, robust=True)
