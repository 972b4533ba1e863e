"""Import offers from files: lines, batches, the guard of a snapshot.

A file is JSONL, plain or gzip (by its first bytes); events have precedence. A bad line
does not stop the others. Only one line is in memory, and most are known by hash.
"""

import gzip
import hashlib
import io
import json
import math
import re
import sys
import zlib
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import batched, chain, count
from pathlib import Path
from typing import IO, Any, NoReturn

from django.db import Error, connection, transaction
from django.utils import timezone

from offers.catalogue import writes
from offers.catalogue.models import Offer
from offers.enums import OfferState, PlaceSource
from offers.files.models import ImportRun, Quarantine
from offers.payload.offer import OfferContent, hash_content, read_mode, read_offer
from offers.payload.text import UnsoundOffer
from opus.lib import jobs

# --- Lines ---------------------------------------------------------------------------

GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# The longest real offer is 13 kB; a line of this size is another kind of file.
MAX_LINE_BYTES = 1_000_000
MAX_RAW_CHARACTERS = 20_000
STDIN = "-"

REFERENCE_IN_RAW = re.compile(rb'"id"\s*:\s*"([0-9A-Za-z_-]{1,20})"')


class UnreadableLine(ValueError):
    """This line holds no JSON; the reason is in French."""


@dataclass(frozen=True, slots=True)
class Line:
    """One raw line of a file.

    ``fault``: why it cannot be read. ``position``: where it ends in the file.
    ``ends_file``: the file broke off here.
    """

    file: str
    number: int
    raw: bytes
    position: int
    fault: str = ""
    ends_file: bool = False

    @property
    def text(self) -> str:
        """Return the line as PostgreSQL can keep it, cut."""
        text = self.raw[: 4 * MAX_RAW_CHARACTERS].decode(errors="backslashreplace")
        return text.replace("\x00", "\\x00")[:MAX_RAW_CHARACTERS]

    @property
    def reference(self) -> str:
        """Return the offer number in the raw line."""
        found = REFERENCE_IN_RAW.search(self.raw)
        return found[1].decode() if found else ""

    def read(self) -> Any:
        """Return the parsed JSON. Raises UnreadableLine."""
        if self.fault:
            raise UnreadableLine(self.fault)
        try:
            return decode_json(self.raw.decode())
        except UnicodeDecodeError as error:
            fault = f"Texte illisible (UTF-8) à l’octet {error.start + 1}."
            raise UnreadableLine(fault) from error
        except json.JSONDecodeError as error:
            place = error.pos + 1
            raise UnreadableLine(f"JSON illisible au caractère {place}.") from error
        except RecursionError as error:
            raise UnreadableLine("Objet JSON trop profond.") from error
        except ValueError as error:
            raise UnreadableLine(f"JSON illisible : {error}."[:300]) from error


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} n’est pas du JSON")


decode_json = json.JSONDecoder(parse_constant=refuse_constant).decode


@contextmanager
def open_file(path: str) -> Iterator[tuple[IO[bytes], io.BufferedReader]]:
    """Open (lines, raw file); ``-``: standard input. Raises OSError."""
    with (
        open(sys.stdin.fileno(), "rb", closefd=False)
        if path == STDIN
        else Path(path).open("rb")
    ) as file:
        if file.peek(2)[:2] == GZIP_MAGIC:
            with gzip.open(file) as unpacked:
                yield unpacked, file  # type: ignore[misc]
        else:
            yield file, file


def position_of(file: io.BufferedReader) -> int:
    return file.tell() if file.seekable() else 0


def read_lines(path: str) -> Iterator[Line]:
    """Yield the non-blank lines, numbered from 1. Raises OSError."""
    with open_file(path) as (lines, file):
        for number in count(1):
            fault = ""
            try:
                raw = lines.readline(MAX_LINE_BYTES + 1)
                if len(raw) > MAX_LINE_BYTES and not raw.endswith(b"\n"):
                    fault = f"Ligne de plus de {MAX_LINE_BYTES // 1_000_000} Mo."
                    # Skip the rest of the line.
                    while rest := lines.readline(MAX_LINE_BYTES):
                        if rest.endswith(b"\n"):
                            break
            except (EOFError, zlib.error, OSError) as error:
                fault = f"Fichier interrompu ici ({error})."
                yield Line(path, number, b"", position_of(file), fault, ends_file=True)
                return
            if not raw:
                return
            if number == 1:
                raw = raw.removeprefix(BYTE_ORDER_MARK)
            raw = raw.strip()
            if raw:
                yield Line(path, number, raw, position_of(file), fault)


# --- Batches, each one transaction ---------------------------------------------------

BATCH_BYTES = 16_000_000


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


def prepare(batches: Iterable[list[Line]]) -> Iterator["Batch"]:
    """Yield batches to write, one read ahead in a thread.

    Its view of the database may be one batch old; the upsert decides again.
    """
    with ThreadPoolExecutor(max_workers=1) as reader:
        ahead: tuple[Batch, Future[None]] | None = None
        for lines in batches:
            batch = Batch(lines)
            batch.known = writes.known_offers({line.reference for line in lines} - {""})
            ready = ahead
            if ready:
                ready[1].result()
            ahead = batch, reader.submit(batch.read_lines)
            if ready:
                yield ready[0]
        if ahead:
            ahead[1].result()
            yield ahead[0]


class Batch:
    """Lines to write; most are known by hash, unparsed."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.tally: Counter[str] = Counter()
        self.known: dict[str, writes.StoredOffer] = {}
        self.waiting: dict[str, tuple[OfferContent, Line]] = {}
        self.seen: list[str] = []
        self.rejects: list[Quarantine] = []
        self.nameless = 0

    def read_lines(self) -> None:
        """Read and count lines, in a thread without database."""
        for line in self.lines:
            self.tally["read"] += 1
            try:
                self.read_line(line)
            except (UnreadableLine, UnsoundOffer) as error:
                self.reject(line, str(error), line.reference)

    def read_line(self, line: Line) -> None:
        """Keep an offer with news. Raises UnreadableLine, UnsoundOffer."""
        known = self.known.get(line.reference)
        if known and self.is_known_by_hash(line, known):
            self.see(line.reference, known.place_source)
            self.tally["unchanged"] += 1
            return
        content = read_offer(line.read())
        self.see(content.reference, content.place.source)
        known = self.known.get(content.reference)
        if known and not writes.would_change(known, content.updated_at, content.mode):
            self.tally["unchanged"] += 1
        else:
            self.keep(content, line)

    def is_known_by_hash(self, line: Line, known: writes.StoredOffer) -> bool:
        """Return whether a hash matches. Raises UnreadableLine, UnsoundOffer."""
        if line.fault or known.state == OfferState.ABSENT:
            return False
        if hash_line(line) == known.line_hash:
            return True
        data = line.read()
        return (
            isinstance(data, dict)
            and data.get("id") == line.reference
            and hash_content(data) == known.content_hash
            and not writes.would_change(known, known.updated_at, read_mode(data))
        )

    def see(self, reference: str, place_source: str) -> None:
        self.seen.append(reference)
        self.tally["swapped"] += place_source == PlaceSource.SWAPPED
        self.tally["placeless"] += place_source == PlaceSource.NONE

    def keep(self, content: OfferContent, line: Line) -> None:
        """Keep a content; merge two of one offer."""
        waiting = self.waiting.get(content.reference)
        if waiting is None:
            self.waiting[content.reference] = content, line
            return
        merged = writes.merge(waiting[0], content)
        if merged == waiting[0]:
            self.tally["unchanged"] += 1
        else:
            self.tally["updated"] += 1
            self.waiting[content.reference] = merged, line

    def write(self, run: ImportRun) -> None:
        waiting = self.waiting.values()
        contents = [(content, hash_line(line)) for content, line in waiting]
        created, changed = writes.upsert_or_refuse(contents, self.refuse)
        self.tally["created"] += len(created)
        self.tally["updated"] += len(changed)
        # An event or the previous batch has written the same meanwhile.
        self.tally["unchanged"] += len(self.waiting) - len(created) - len(changed)
        for reject in self.rejects:
            reject.run = run
        Quarantine.objects.bulk_create(self.rejects)
        for figure, number in self.tally.items():
            setattr(run, figure, getattr(run, figure) + number)
        run.save()

    def refuse(self, refused: tuple[OfferContent, bytes], error: Error) -> None:
        content, _ = refused
        _, line = self.waiting.pop(content.reference)
        self.reject(line, f"Refusée par la base : {error}", content.reference)

    def reject(self, line: Line, reason: str, reference: str) -> None:
        self.tally["rejected"] += 1
        reject = Quarantine(file=line.file[-200:], line=line.number, raw=line.text)
        reject.reference, reject.reason = reference, reason[:300]
        self.rejects.append(reject)
        # Invalid but present: a snapshot does not lack it.
        if reference:
            self.seen.append(reference)
        elif not line.ends_file:
            self.nameless += 1


def hash_line(line: Line) -> bytes:
    return hashlib.blake2b(line.raw, digest_size=writes.HALF).digest()


# --- What a snapshot lacks -----------------------------------------------------------
# Each offer, not the whole, is consistent (docs/adr/0010): a live event never waits for
# more than one batch.

BROKE_OFF = (
    "Aucune offre retirée : l’image n’a pas été lue jusqu’au bout. Les offres qu’elle"
    " contient sont à jour ; redemandez le fichier, puis relancez la commande."
)
HOLDS_NOTHING = "Aucune offre retirée : l’image ne contient aucune offre lisible."
LACKS_TOO_MUCH = (
    "Aucune offre retirée : l’image n’a pas {missing} des {active} offres actives"
    " ({share} %), plus que les {allowed:g} % permis par --max-withdrawn. Les offres"
    " qu’elle contient sont à jour. Vérifiez que le fichier est entier ; s’il l’est,"
    " relancez la commande avec --max-withdrawn {enough}."
)

READ_AT_ONCE = 50_000
# In the order in which all writers lock offers.
CANDIDATES = """
SELECT reference FROM offers_offer
WHERE reference > %s AND state = 'active'
    -- What a live event brought since the run began is no business of the file.
    AND imported_at <= %s AND state_at <= %s
ORDER BY reference LIMIT %s
"""
# Checked again for each locked row: an event may have come first.
WITHDRAW = """
WITH held AS (
    SELECT o.reference FROM offers_offer o
    WHERE o.reference = ANY (%s)
        AND o.state = 'active' AND o.imported_at <= %s AND o.state_at <= %s
    ORDER BY o.reference
    FOR NO KEY UPDATE OF o
)
UPDATE offers_offer o SET state = 'absente', state_at = now()
FROM held WHERE o.reference = held.reference
"""


class Seen:
    """The offers of the files, 8 bytes each: a million in 8 MB.

    Two with one hash would keep one offer that the files lack: with a million, once in
    a hundred million runs.
    """

    def __init__(self) -> None:
        self.hashes = array("q")

    def add(self, references: Iterable[str]) -> None:
        self.hashes.extend(map(hash, references))

    def sort(self) -> None:
        self.hashes = array("q", sorted(self.hashes))

    def __contains__(self, reference: str) -> bool:
        """Search the sorted hashes."""
        value = hash(reference)
        place = bisect_left(self.hashes, value)
        return place < len(self.hashes) and self.hashes[place] == value


def withdraw_missing(
    run: ImportRun, seen: Seen, active_before: int, max_withdrawn: float, *, batch: int
) -> str:
    """Withdraw missing offers, unless too many; return the refusal.

    Args:
        active_before: active offers when the run began.
        max_withdrawn: percentage of them above which none is withdrawn.
        batch: most withdrawals in one transaction.
    """
    if not run.created + run.updated + run.unchanged:
        return HOLDS_NOTHING
    missing = find_missing(run, seen)
    share = 100 * len(missing) / active_before if active_before else 0.0
    if share > max_withdrawn:
        return LACKS_TOO_MUCH.format(
            missing=len(missing),
            active=active_before,
            share=f"{share:.1f}".replace(".", ","),
            allowed=max_withdrawn,
            enough=math.ceil(share),
        )
    for references in batched(missing, batch):
        options = {"statement_timeout": "10min", **writes.SEEN_AT_ONCE}
        with writes.writing_offers(options), connection.cursor() as cursor:
            cursor.execute(WITHDRAW, [list(references), *[run.started_at] * 2])
            run.withdrawn += cursor.rowcount
            run.save(update_fields=["withdrawn"])
    if run.withdrawn:
        writes.announce_withdrawal()
    return ""


def find_missing(run: ImportRun, seen: Seen) -> list[str]:
    """Return the offers without a line, by reference."""
    seen.sort()
    missing: list[str] = []
    last = ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(CANDIDATES, [last, *[run.started_at] * 2, READ_AT_ONCE])
            references = [reference for (reference,) in cursor.fetchall()]
        if not references:
            return missing
        missing += [each for each in references if each not in seen]
        last = references[-1]


# --- The import ----------------------------------------------------------------------

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
                    # The index is merged in larger lots: an eighth less work. On a
                    # filled table, searches and live events would pay for it.
                    with connection.cursor() as cursor:
                        cursor.execute("SET LOCAL gin_pending_list_limit = '16MB'")
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
