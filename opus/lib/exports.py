"""Exports: a file that a worker makes of many rows, and that waits a day (S25, S32).

A row tells what was asked and how far it is; it is its own outbox, as a printed sheet
is (``opus.lib.sheets``): it waits until a worker, woken after commit or by the sweep,
has made the file. Apps declare their tables by name, with ``@exports.table``; the
concrete row is ``accounts.models.Export``, which knows whose it is.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self

from celery.exceptions import SoftTimeLimitExceeded
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from opus.lib.spreadsheets import CONTENT_TYPES, WRITERS, Format

logger = logging.getLogger(__name__)

KEPT = dt.timedelta(hours=24)
# A worker that says nothing for so long is dead: another one begins again.
LEASE = dt.timedelta(seconds=60)
MAX_ATTEMPTS = 3
# Rows between two words of the worker.
TOLD_EVERY = 250
MOST_ROWS = 5_000
# The format of what is no table: several files in one.
ZIP = "zip"
# Below, the file is made in memory.
IN_MEMORY = 4_000_000


class ExportState(models.TextChoices):
    """Where the making of the file stands."""

    WAITING = "attente", "en attente"
    RUNNING = "en_cours", "en préparation"
    READY = "pret", "prêt"
    FAILED = "echec", "échec"
    CANCELLED = "annule", "annulé"


UNFINISHED = (ExportState.WAITING, ExportState.RUNNING)


class ExportFailure(models.TextChoices):
    """Why there is no file, in words that help whoever reads them."""

    RIGHTS = "droits", "vos droits ont changé depuis votre demande"
    TOO_SLOW = "duree", "la préparation a pris trop de temps"
    BREAKDOWN = "panne", "la préparation s’est arrêtée"


class Stopped(Exception):
    """The export is not this worker's any more: cancelled, or taken by another."""


class NotAllowed(Exception):
    """Who asked for it may not have it any more."""


class ExportQuerySet(models.QuerySet[Any]):
    """Questions asked of exports."""

    def kept(self) -> Self:
        """Those whose day is not over; a job takes the others away."""
        return self.filter(expires_at__gt=timezone.now())


def in_a_day() -> dt.datetime:
    return timezone.now() + KEPT


class ExportBase(models.Model):
    """What was asked, how far it is, and the file."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    what = models.CharField("contenu", max_length=40)
    arguments = models.JSONField("critères", default=dict)
    title = models.CharField("intitulé", max_length=200)
    format = models.CharField("format", max_length=4, choices=Format)
    state = models.CharField(
        "état", max_length=10, choices=ExportState, default=ExportState.WAITING
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
        choices=ExportFailure,
        blank=True,
        db_default="",
    )

    class Meta:
        abstract = True
        ordering = ("-asked_at", "pk")

    def __str__(self) -> str:
        return self.title

    @property
    def is_ready(self) -> bool:
        return self.state == ExportState.READY

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED

    @property
    def has_failed(self) -> bool:
        return self.state == ExportState.FAILED

    @property
    def percent(self) -> int:
        """How much of it is written."""
        return 100 * self.rows_done // self.rows_total if self.rows_total else 0

    @property
    def file_name(self) -> str:
        """From the server, without a word of what was searched (S32)."""
        day = timezone.localdate(self.ready_at).isoformat()
        kind = TABLES.get(self.what) or FILES[self.what]
        return f"opus-{kind.slug}-{day}.{self.format}"

    @property
    def is_zip(self) -> bool:
        return self.format == ZIP

    @property
    def format_label(self) -> str:
        """Which program opens it."""
        return "Dossier compressé (.zip)" if self.is_zip else Format(self.format).label

    @property
    def content_type(self) -> str:
        return "application/zip" if self.is_zip else CONTENT_TYPES[Format(self.format)]

    # --- The worker's side -------------------------------------------------------

    @classmethod
    @transaction.atomic
    def take(cls, pk: str) -> Self | None:
        """The export to make now, for this worker alone; None where there is none.

        One that was begun and of which nothing is heard any more begins again; after a
        few times it has failed.
        """
        rows = cls._default_manager.select_for_update(skip_locked=True, of=("self",))
        due = rows.filter(state__in=UNFINISHED, next_attempt_at__lte=timezone.now())
        export: Self | None = due.defer("content").filter(pk=pk).first()
        if export is None:
            return None
        if export.attempts >= MAX_ATTEMPTS:
            export.fail(ExportFailure.BREAKDOWN)
            return None
        export.attempts += 1
        export.state = ExportState.RUNNING
        export.rows_done = 0
        export.next_attempt_at = timezone.now() + LEASE
        export.save(update_fields=["attempts", "state", "rows_done", "next_attempt_at"])
        return export

    def mine(self) -> models.QuerySet[Any]:
        """This row, while it is this worker's: each attempt has its number."""
        return type(self)._default_manager.filter(
            pk=self.pk, state=ExportState.RUNNING, attempts=self.attempts
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
            state=ExportState.READY,
            content=content,
            size=len(content),
            rows_done=rows,
            rows_total=rows,
            ready_at=timezone.now(),
            failure="",
        )

    def put_off(self, failure: ExportFailure) -> None:
        """Begin again in a while; give up after a few times."""
        if self.attempts >= MAX_ATTEMPTS:
            self.fail(failure)
            return
        wait = dt.timedelta(seconds=5 * 2**self.attempts)
        self.mine().update(
            state=ExportState.WAITING,
            failure=failure,
            next_attempt_at=timezone.now() + wait,
        )

    def fail(self, failure: ExportFailure) -> None:
        unfinished = type(self)._default_manager.filter(
            pk=self.pk, state__in=UNFINISHED, attempts=self.attempts
        )
        unfinished.update(state=ExportState.FAILED, failure=failure)

    # --- Its owner's side --------------------------------------------------------

    def cancel(self) -> bool:
        """Give it up, file included; the worker sees it at its next word."""
        rows = type(self)._default_manager.filter(pk=self.pk)
        return bool(
            rows.filter(state__in=(*UNFINISHED, ExportState.READY)).update(
                state=ExportState.CANCELLED, content=None, size=None
            )
        )


@dataclasses.dataclass(frozen=True)
class Table:
    """What a file is made of.

    Args:
        notes: what must be known about it; asked once all rows are written.
    """

    title: str
    headings: Sequence[str]
    rows: Iterator[Sequence[object]]
    total: int
    notes: Callable[[], Sequence[str]]


@dataclasses.dataclass(frozen=True)
class TableKind:
    """A table that may be exported: its name in rows, and how it is read."""

    name: str
    slug: str
    read: Callable[[Any], Table]


TABLES: dict[str, TableKind] = {}

Read = Callable[[Any], Table]


def table(name: str, *, slug: str) -> Callable[[Read], Read]:
    """Declare the table of that name: ``@exports.table("offers-of-search", …)``.

    Args:
        name: stands in the rows: it never changes.
        slug: its word in the names of files.
    """

    def declare(read: Read) -> Read:
        if name in TABLES:
            raise ValueError(f"Two tables are named {name!r}.")
        TABLES[name] = TableKind(name, slug, read)
        return read

    return declare


@dataclasses.dataclass(frozen=True)
class FileKind:
    """A file that is no table: its name in rows, and how it is made whole."""

    name: str
    slug: str
    make: Callable[[Any], bytes]


FILES: dict[str, FileKind] = {}

Make = Callable[[Any], bytes]


def file(name: str, *, slug: str) -> Callable[[Make], Make]:
    """Declare the file of that name, as ``table`` does for a table."""

    def declare(make: Make) -> Make:
        if name in FILES:
            raise ValueError(f"Two files are named {name!r}.")
        FILES[name] = FileKind(name, slug, make)
        return make

    return declare


def make(export: ExportBase) -> None:
    """Make the file of an export that was taken; whatever fails becomes its state."""
    try:
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as out:
            rows = write(export, out)
            out.seek(0)
            export.store(out.read(), rows)
    except Stopped:
        logger.info("Export %s is not wanted any more.", export.pk)
    except NotAllowed:
        export.fail(ExportFailure.RIGHTS)
    except SoftTimeLimitExceeded:
        logger.warning("Export %s took too long.", export.pk)
        export.put_off(ExportFailure.TOO_SLOW)
    except Exception as error:  # noqa: BLE001 - whatever a row does to a library
        logger.warning("Export %s failed: %s.", export.pk, type(error).__name__)
        export.put_off(ExportFailure.BREAKDOWN)


def write(export: ExportBase, out: Any) -> int:
    """Write its rows, telling how far it is. Returns how many there are."""
    if kind := FILES.get(export.what):
        export.tell(0, 1)
        out.write(kind.make(export))
        return 1
    table = TABLES[export.what].read(export)
    export.tell(0, table.total)
    writer = WRITERS[Format(export.format)](out, table.title, table.headings)
    done = 0
    for done, row in enumerate(table.rows, start=1):
        writer.add(row)
        if done % TOLD_EVERY == 0:
            export.tell(done, table.total)
    writer.finish(table.notes())
    export.tell(done, table.total)
    return done


def purge(model: type[ExportBase]) -> None:
    """Let go the exports whose day is over."""
    model._default_manager.filter(expires_at__lte=timezone.now()).delete()


def due(model: type[ExportBase]) -> list[str]:
    """Those that no worker makes: never told of, or fallen silent."""
    rows = model._default_manager.filter(
        Q(state__in=UNFINISHED), next_attempt_at__lte=timezone.now()
    ).order_by(F("next_attempt_at"))
    return [str(pk) for pk in rows.values_list("pk", flat=True)[:200]]
