"""Import offers from files, under what events said."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from operator import itemgetter

from django.db import DataError, Error, IntegrityError, connection, transaction
from django.utils import timezone

from offers.gazetteer import Gazetteer, french_gazetteer
from offers.lines import Line, UnreadableLine, read_lines
from offers.mirror import (
    CONTENT_COLUMNS,
    LOCK_UNKNOWN,
    MODE_COLUMNS,
    STAGED_COLUMNS,
    new_words_of,
    row_text,
    staged_row,
    take,
    writing_offers,
)
from offers.models import ImportRun, Offer, OfferState, PlaceSource, Quarantine
from offers.payload import (
    OfferContent,
    OfferMode,
    UnsoundOffer,
    hash_content,
    read_mode,
    read_offer,
)
from offers.snapshot import BROKE_OFF, close_seen, open_seen, see, withdraw_missing

# Large enough for set-based work, small enough that a live event never waits long for
# the rows of a batch.
BATCH_LINES = 2_000
BATCH_BYTES = 16_000_000
# Of the stored hash: of the content, then of the line that brought it.
HALF = 16


# --- Upsert of contents --------------------------------------------------------------

# Precedence (design 5): files and pulls have no sequence, so the later date wins.
IS_NEWER = "(excluded.updated_at > o.updated_at)"
# The ``opus`` object has a source of its own: the highest sequence, else the newest
# file that carries one. Content without it never changes it, and a mode is inferred
# only while none was ever received.
DECLARES = """(excluded.mode_declared AND o.mode_sequence IS NULL AND (
    NOT o.mode_declared OR o.mode_at IS NULL OR excluded.mode_at >= o.mode_at))"""
INFERS = f"({IS_NEWER} AND NOT o.mode_declared)"

STAGE = f"""
CREATE TEMP TABLE IF NOT EXISTS staged_offers ON COMMIT DELETE ROWS
    AS SELECT {", ".join(STAGED_COLUMNS)} FROM offers_offer WITH NO DATA
"""  # noqa: S608 - made of the constants above
BRINGS_UNKNOWN = """
SELECT EXISTS (SELECT FROM staged_offers s WHERE NOT EXISTS (
    SELECT FROM offers_offer o WHERE o.reference = s.reference))
"""
UPSERT = f"""
INSERT INTO offers_offer AS o ({", ".join(STAGED_COLUMNS)}, state, state_sequence)
    SELECT {", ".join(f"s.{column}" for column in STAGED_COLUMNS)},
        -- What events told before any content came.
        coalesce(p.state, '{OfferState.ACTIVE.value}'), p.state_sequence
    FROM staged_offers s LEFT JOIN offers_pendingoffer p USING (reference)
    ORDER BY s.reference
ON CONFLICT (reference) DO UPDATE SET
    {", ".join(take(column, IS_NEWER) for column in CONTENT_COLUMNS)},
    {take("content_hash", f"{IS_NEWER} OR {DECLARES}")},
    {", ".join(take(column, f"{DECLARES} OR {INFERS}") for column in MODE_COLUMNS)},
    {take("mode_at", DECLARES)},
    mode_declared = o.mode_declared OR excluded.mode_declared,
    imported_at = CASE WHEN {IS_NEWER} THEN now() ELSE o.imported_at END,
    -- Missed by an earlier snapshot, here again. No file lifts what an event set.
    state_at = CASE o.state WHEN '{OfferState.ABSENT.value}' THEN now()
        ELSE o.state_at END,
    state = CASE o.state WHEN '{OfferState.ABSENT.value}'
        THEN '{OfferState.ACTIVE.value}' ELSE o.state END
WHERE {IS_NEWER}
    OR o.state = '{OfferState.ABSENT.value}'
    OR {DECLARES} AND (NOT o.mode_declared OR {row_text("o", MODE_COLUMNS)}
        IS DISTINCT FROM {row_text("excluded", MODE_COLUMNS)})
RETURNING new.reference, old.reference IS NULL
"""  # noqa: S608 - made of the constants above
KEPT_NO_LONGER = """
DELETE FROM offers_pendingoffer p USING staged_offers s WHERE p.reference = s.reference
"""


def upsert_offers(
    contents: Iterable[tuple[OfferContent, bytes]],
) -> tuple[set[str], set[str]]:
    """Write contents without a sequence by the rules of precedence.

    ``contents``: one per offer at most, each with the hash of its line, or empty.
    Returns the references created, and those changed. Raises DataError, IntegrityError:
    PostgreSQL refuses a value; nothing was written.
    """
    created: set[str] = set()
    changed: set[str] = set()
    with writing_offers({"statement_timeout": "10min"}), connection.cursor() as cursor:
        cursor.execute(STAGE)
        cursor.execute("TRUNCATE staged_offers")
        with (
            connection.wrap_database_errors,
            cursor.copy("COPY staged_offers FROM STDIN") as copy,
        ):
            for content, line_hash in contents:
                copy.write_row(tuple(staged_row(content, line_hash).values()))
        cursor.execute(BRINGS_UNKNOWN)
        [brings_unknown] = cursor.fetchone()
        if brings_unknown:
            cursor.execute(LOCK_UNKNOWN)
        cursor.execute(UPSERT)
        for reference, is_new in cursor.fetchall():
            (created if is_new else changed).add(reference)
        if created:
            cursor.execute(KEPT_NO_LONGER)
        for statement in new_words_of("staged_offers"):
            cursor.execute(statement)
    return created, changed


def upsert_or_refuse(
    contents: Sequence[tuple[OfferContent, bytes]],
    refuse: Callable[[OfferContent, Error], None],
) -> tuple[set[str], set[str]]:
    """Write contents; ``refuse`` gets each one that PostgreSQL refuses."""
    if not contents:
        return set(), set()
    try:
        return upsert_offers(contents)
    except (DataError, IntegrityError) as error:
        if len(contents) == 1:
            refuse(contents[0][0], error)
            return set(), set()
    middle = len(contents) // 2
    first = upsert_or_refuse(contents[:middle], refuse)
    last = upsert_or_refuse(contents[middle:], refuse)
    return first[0] | last[0], first[1] | last[1]


# --- Files ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    content_hash: bytes
    line_hash: bytes
    updated_at: datetime
    state: str
    place_source: str
    mode: OfferMode
    mode_at: datetime | None
    mode_is_the_feeds: bool


@dataclass
class ImportReport:
    run: ImportRun
    unreadable: list[str] = field(default_factory=list)
    # Rejected lines in which not even an offer's number could be read.
    nameless: int = 0
    refusal: str = ""


class ImportUnderway(Exception):
    """Another import is running."""


@contextmanager
def alone() -> Iterator[None]:
    """Allow one import at a time, over all machines. Raises ImportUnderway."""
    key = "hashtext('import_offers')"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock({key})")
        if not cursor.fetchone()[0]:
            raise ImportUnderway
        try:
            yield
        finally:
            with suppress(Error):  # The connection is gone, and the lock with it.
                cursor.execute(f"SELECT pg_advisory_unlock({key})")


def import_offers(
    files: Sequence[str],
    *,
    snapshot: bool = False,
    max_withdrawn: float = 20,
    batch_lines: int = BATCH_LINES,
    gazetteer: Gazetteer | None = None,
    on_progress: Callable[[str, int], None] = lambda file, position: None,
) -> ImportReport:
    """Import offers from JSONL files, plain or gzip, in the shape of API v2.

    Each batch is one transaction: if killed, each offer is as it was or as its file has
    it, and a second run does the rest (ADR 10). Bad lines go to quarantine.

    Args:
        snapshot: active offers that the files lack become *absente*.
        max_withdrawn: percentage of active offers above which a snapshot withdraws
            none; nor does one that broke off.
        batch_lines: most lines, or withdrawals, in one transaction: a live event waits
            for one at most.
        on_progress: receives the file and its bytes read.

    Raises ImportUnderway.
    """
    gazetteer = gazetteer or french_gazetteer()
    with alone(), large_merges():
        run = ImportRun.objects.create(files=list(files), is_snapshot=snapshot)
        report = ImportReport(run)
        active_before = Offer.objects.active().count() if snapshot else 0
        open_seen()
        lines = chain.from_iterable(readable_lines(file, report) for file in files)
        for batch in prepare(batches(lines, batch_lines), gazetteer):
            was_empty = run.created == 0
            with transaction.atomic():
                batch.write(run)
            # Plans made for an empty table would check each new row's keys by reading
            # the whole of it.
            if was_empty and run.created:
                analyze()
            report.nameless += batch.nameless
            on_progress(batch.lines[-1].file, batch.lines[-1].position)
        if snapshot and report.unreadable:
            report.refusal = BROKE_OFF
        elif snapshot:
            report.refusal = withdraw_missing(
                run,
                active_before=active_before,
                max_withdrawn=max_withdrawn,
                batch=batch_lines,
            )
        close_seen()
        if run.created + run.updated + run.withdrawn >= BATCH_LINES:
            analyze()  # The next search must not wait for autovacuum to know.
        run.ended_at = timezone.now()
        run.save()
    return report


@contextmanager
def large_merges() -> Iterator[None]:
    """Let a first load merge offers into the word index by larger lots.

    It saves an eighth of PostgreSQL's work. On a filled table, searches and live events
    would pay for it.
    """
    if Offer.objects.exists():
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET gin_pending_list_limit = '16MB'")
        try:
            yield
        finally:
            with suppress(Error):  # The connection is gone, and its settings with it.
                cursor.execute("RESET gin_pending_list_limit")
                cursor.execute("SELECT gin_clean_pending_list('search_words_signs')")


def analyze() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        cursor.execute("ANALYZE offers_offer, offers_offersearch")


def readable_lines(file: str, report: ImportReport) -> Iterator[Line]:
    try:
        for line in read_lines(file):
            yield line
            if line.ends_file:
                report.unreadable.append(f"{file} : {line.fault}")
    except OSError as error:
        report.unreadable.append(f"{file} : {error.strerror or error}")


def batches(lines: Iterable[Line], length: int) -> Iterator[list[Line]]:
    """Yield lists of bounded length and bytes."""
    batch: list[Line] = []
    weight = 0
    for line in lines:
        batch.append(line)
        weight += len(line.raw)
        if len(batch) == length or weight >= BATCH_BYTES:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def prepare(batches: Iterable[list[Line]], gazetteer: Gazetteer) -> Iterator["Batch"]:
    """Yield batches ready to write, one read ahead in a thread.

    What it knows of the database may be a batch old; the upsert decides again.
    """
    with ThreadPoolExecutor(max_workers=1) as reader:
        ready: Batch | None = None
        reading: Future[None] | None = None
        for lines in batches:
            batch = Batch(lines, gazetteer)
            batch.known = known_offers({line.reference for line in lines} - {""})
            if reading and ready:
                reading.result()
                reading = reader.submit(batch.read_lines)
                yield ready
            else:
                reading = reader.submit(batch.read_lines)
            ready = batch
        if reading and ready:
            reading.result()
            yield ready


class Batch:
    """Lines to write.

    Most are unchanged offers, known by hash and date without a full reading.
    """

    def __init__(self, lines: Sequence[Line], gazetteer: Gazetteer) -> None:
        self.lines = lines
        self.gazetteer = gazetteer
        self.tally: Counter[str] = Counter()
        self.known: dict[str, Known] = {}
        self.waiting: dict[str, tuple[OfferContent, Line]] = {}
        self.seen: list[str] = []
        self.rejects: list[Quarantine] = []
        self.nameless = 0

    def read_lines(self) -> None:
        """Count the lines, and keep contents that would change something.

        Runs in a thread without a database connection.
        """
        for line in self.lines:
            self.tally["read"] += 1
            try:
                self.read_line(line)
            except (UnreadableLine, UnsoundOffer) as error:
                self.reject(line, str(error), line.reference)

    def read_line(self, line: Line) -> None:
        """Raises UnreadableLine, UnsoundOffer: it is no offer."""
        known = self.known.get(line.reference)
        if known and self.is_known_by_hash(line, known):
            self.see(line.reference, known.place_source)
            self.tally["unchanged"] += 1
            return
        content = read_offer(line.read(), self.gazetteer)
        self.see(content.reference, content.place.source)
        known = self.known.get(content.reference)
        if known and not changes(known, content.updated_at, content.mode):
            self.tally["unchanged"] += 1
        else:
            self.keep(content, line)

    def is_known_by_hash(self, line: Line, known: Known) -> bool:
        """Whether the line is the stored offer, by its hash or its content's.

        Raises UnreadableLine, UnsoundOffer: it is no offer.
        """
        if line.fault or known.state == OfferState.ABSENT:
            return False
        if hash_line(line) == known.line_hash:
            return True
        data = line.read()
        return (
            isinstance(data, dict)
            and data.get("id") == line.reference
            and hash_content(data) == known.content_hash
            and not changes(known, known.updated_at, read_mode(data))
        )

    def see(self, reference: str, place_source: str) -> None:
        self.seen.append(reference)
        self.tally["swapped"] += place_source == PlaceSource.SWAPPED
        self.tally["placeless"] += place_source == PlaceSource.NONE

    def keep(self, content: OfferContent, line: Line) -> None:
        """Keep a content; two of one offer become one, as in ``UPSERT``."""
        waiting = self.waiting.get(content.reference)
        if waiting is None:
            self.waiting[content.reference] = content, line
            return
        merged = merge(waiting[0], content)
        if merged == waiting[0]:
            self.tally["unchanged"] += 1
        else:
            self.tally["updated"] += 1
            self.waiting[content.reference] = merged, line

    def write(self, run: ImportRun) -> None:
        waiting = self.waiting.values()
        contents = [(content, hash_line(line)) for content, line in waiting]
        created, changed = upsert_or_refuse(contents, self.refuse)
        self.tally["created"] += len(created)
        self.tally["updated"] += len(changed)
        # An event or the batch before was quicker: nothing new after all.
        self.tally["unchanged"] += len(self.waiting) - len(created) - len(changed)
        see(self.seen)
        for reject in self.rejects:
            reject.run = run
        Quarantine.objects.bulk_create(self.rejects)
        for figure, number in self.tally.items():
            setattr(run, figure, getattr(run, figure) + number)
        run.save()

    def refuse(self, content: OfferContent, error: Error) -> None:
        _, line = self.waiting.pop(content.reference)
        self.reject(line, f"Refusée par la base : {error}", content.reference)

    def reject(self, line: Line, reason: str, reference: str) -> None:
        self.tally["rejected"] += 1
        self.rejects.append(
            Quarantine(
                file=line.file[-200:],
                line=line.number,
                reference=reference,
                reason=reason[:300],
                raw=line.text,
            )
        )
        # Broken, yet there: a snapshot does not lack it.
        if reference:
            self.seen.append(reference)
        elif not line.ends_file:
            self.nameless += 1


def known_offers(names: Iterable[str]) -> dict[str, Known]:
    rows = Offer.objects.filter(pk__in=names).values_list(
        "reference",
        "content_hash",
        "updated_at",
        "state",
        "place_source",
        "mode_at",
        "mode_sequence",
        *MODE_COLUMNS,
        "mode_declared",
    )
    known = {}
    for reference, stored_hash, updated_at, state, source, *modes in rows:
        mode_at, mode_sequence, *mode = modes
        known[reference] = Known(
            content_hash=bytes(stored_hash[:HALF]),
            line_hash=bytes(stored_hash[HALF:]),
            updated_at=updated_at,
            state=state,
            place_source=source,
            mode=OfferMode(*mode),
            mode_at=mode_at,
            mode_is_the_feeds=mode_sequence is not None,
        )
    return known


def hash_line(line: Line) -> bytes:
    return hashlib.blake2b(line.raw, digest_size=HALF).digest()


def changes(known: Known, updated_at: datetime, mode: OfferMode) -> bool:
    """Whether a content would change a stored offer, as in ``UPSERT``."""
    if known.state == OfferState.ABSENT or updated_at > known.updated_at:
        return True
    if not mode.is_declared or known.mode_is_the_feeds:
        return False
    if not known.mode.is_declared:
        return True
    is_newest = known.mode_at is None or updated_at >= known.mode_at
    return is_newest and mode != known.mode


def merge(first: OfferContent, second: OfferContent) -> OfferContent:
    """Merge two contents of one offer, in reading order."""
    newest = second if second.updated_at > first.updated_at else first
    declared = [(one.mode_at, one.mode) for one in (second, first) if one.mode_at]
    if not declared:
        return newest
    mode_at, mode = max(declared, key=itemgetter(0))
    return replace(newest, mode=mode, mode_at=mode_at)
