"""Import offers from files; events have precedence."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain

from django.db import Error, connection, transaction
from django.utils import timezone

from offers.catalogue.models import Offer
from offers.files.batches import batches, prepare
from offers.files.jsonl import Line, read_lines
from offers.files.models import ImportRun
from offers.files.snapshot import BROKE_OFF, Seen, withdraw_missing
from opus.lib import jobs

# Large enough for set-based work, small enough that a live event never waits long for
# the rows of a batch.
BATCH_LINES = 2_000


@dataclass
class ImportReport:
    run: ImportRun
    unreadable: list[str] = field(default_factory=list)
    # Rejected lines without a readable offer number.
    nameless: int = 0
    refusal: str = ""


class ImportUnderway(Exception):
    """Another import is running."""


def import_offers(
    files: Sequence[str],
    *,
    snapshot: bool = False,
    max_withdrawn: float = 20,
    batch_lines: int = BATCH_LINES,
    on_progress: Callable[[str, int], None] = lambda file, position: None,
) -> ImportReport:
    """Import offers from JSONL files, plain or gzip.

    Each batch is one transaction: if killed, each offer is as it was or as its file has
    it, and a second run does the rest (ADR 10). Bad lines go to quarantine.

    Args:
        snapshot: active offers that the files lack become *absente*.
        max_withdrawn: percentage of active offers above which a snapshot withdraws
            none; nor does an incomplete one.
        batch_lines: most lines, or withdrawals, in one transaction: a live event waits
            for one at most.
        on_progress: receives the file and its bytes read.

    Raises ImportUnderway.
    """
    with jobs.lock("import-offers") as is_ours, first_load() as is_first:
        if not is_ours:
            raise ImportUnderway
        run = ImportRun.objects.create(files=list(files), is_snapshot=snapshot)
        report = ImportReport(run)
        active_before = Offer.objects.active().count() if snapshot else 0
        seen = Seen()
        lines = chain.from_iterable(readable_lines(file, report) for file in files)
        for batch in prepare(batches(lines, batch_lines)):
            was_empty = run.created == 0
            with transaction.atomic():
                if is_first:
                    merge_large_lots()
                batch.write(run)
            seen.add(batch.seen)
            # Plans made for an empty table would read the whole table to check the keys
            # of each new row.
            if was_empty and run.created:
                analyze()
            report.nameless += batch.nameless
            on_progress(batch.lines[-1].file, batch.lines[-1].position)
        if snapshot and report.unreadable:
            report.refusal = BROKE_OFF
        elif snapshot:
            report.refusal = withdraw_missing(
                run, seen, active_before, max_withdrawn, batch=batch_lines
            )
        if run.created + run.updated + run.withdrawn >= BATCH_LINES:
            analyze()  # The next search needs these statistics before autovacuum.
        run.ended_at = timezone.now()
        run.save()
    return report


@contextmanager
def first_load() -> Iterator[bool]:
    """Yield whether the table is empty; at the end merge what waits for the index."""
    is_first = not Offer.objects.exists()
    try:
        yield is_first
    finally:
        if is_first:
            # The connection may be gone.
            with suppress(Error), connection.cursor() as cursor:
                cursor.execute("SELECT opus_merge_pending_words()")


def merge_large_lots() -> None:
    """Merge the index in larger lots in this transaction.

    It saves a first load an eighth of PostgreSQL's work. On a filled table, searches
    and live events would pay for it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL gin_pending_list_limit = '16MB'")


def analyze() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        cursor.execute("SELECT opus_analyze_offers()")


def readable_lines(file: str, report: ImportReport) -> Iterator[Line]:
    try:
        for line in read_lines(file):
            yield line
            if line.ends_file:
                report.unreadable.append(f"{file} : {line.fault}")
    except OSError as error:
        report.unreadable.append(f"{file} : {error.strerror or error}")
