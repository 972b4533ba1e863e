"""Exports: a file of many rows, in the format of whoever asks (S25, S32).

The making of it is ``opus.lib.making``. Apps declare their tables by name, with
``@exports.table``; the concrete row is ``accounts.models.Export``, which knows whose it
is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import models
from django.utils import timezone

from opus.lib import making
from opus.lib.making import MadeFile
from opus.lib.spreadsheets import CONTENT_TYPES, WRITERS, Format

# Rows between two words of the worker.
TOLD_EVERY = 250
MOST_ROWS = 5_000
# The format of what is no table: several files in one.
ZIP = "zip"


class ExportBase(MadeFile):
    """What was asked: a table or a file by its name, and of what."""

    what = models.CharField("contenu", max_length=40)
    arguments = models.JSONField("critères", default=dict)
    title = models.CharField("intitulé", max_length=200)
    format = models.CharField("format", max_length=4, choices=Format)

    class Meta(MadeFile.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.title

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
    making.make(export, write)


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
