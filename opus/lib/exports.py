"""Exports of many rows in a chosen format (S25, S32)."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import models
from django.utils import timezone

from opus.lib.background_files import OwnedFile
from opus.lib.documents.spreadsheets import CONTENT_TYPES, WRITERS, Format

# Rows between two reports of the worker.
REPORT_EVERY = 250
MOST_ROWS = 5_000
# The formats of what is no table.
ZIP, PDF = "zip", "pdf"
NO_TABLE = {
    ZIP: ("Dossier compressé (.zip)", "application/zip"),
    PDF: ("Document à imprimer (.pdf)", "application/pdf"),
}


class ExportBase(OwnedFile):
    what = models.CharField("contenu", max_length=40)
    arguments = models.JSONField("critères", default=dict)
    title = models.CharField("intitulé", max_length=200)
    format = models.CharField("format", max_length=4, choices=Format)

    class Meta(OwnedFile.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.title

    @property
    def file_name(self) -> str:
        """Return a name without words of the search (S32)."""
        day = timezone.localdate(self.ready_at).isoformat()
        return f"opus-{KINDS[self.what].slug}-{day}.{self.format}"

    @property
    def is_table(self) -> bool:
        return self.format not in NO_TABLE

    @property
    def format_label(self) -> str:
        return Format(self.format).label if self.is_table else NO_TABLE[self.format][0]

    @property
    def content_type(self) -> str:
        if self.is_table:
            return CONTENT_TYPES[Format(self.format)]
        return NO_TABLE[self.format][1]


@dataclasses.dataclass(frozen=True)
class Table:
    """A file's contents; ``notes`` is called after the rows."""

    title: str
    headings: Sequence[str]
    rows: Iterator[Sequence[object]]
    total: int
    notes: Callable[[], Sequence[str]]


type Read = Callable[[Any], Table | bytes]


@dataclasses.dataclass(frozen=True)
class Kind:
    slug: str
    read: Read


KINDS: dict[str, Kind] = {}


def kind[R: Read](name: str, *, slug: str) -> Callable[[R], R]:
    """Register an export; rows store its name, which never changes."""

    def declare(read: R) -> R:
        if name in KINDS:
            raise ValueError(f"Two exports are named {name!r}.")
        KINDS[name] = Kind(slug, read)
        return read

    return declare


def write(export: ExportBase, out: Any) -> None:
    export.report_progress(0, 1)
    made = KINDS[export.what].read(export)
    if isinstance(made, bytes):
        out.write(made)
        export.report_progress(1, 1)
        return
    export.report_progress(0, made.total)
    writer = WRITERS[Format(export.format)](out, made.title, made.headings)
    done = 0
    for done, row in enumerate(made.rows, start=1):
        writer.add(row)
        if done % REPORT_EVERY == 0:
            export.report_progress(done, made.total)
    writer.finish(made.notes())
    export.report_progress(done, done)
