"""Lines of files, in batches that are each one transaction."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import Error

from offers.catalogue.upserts import (
    HALF,
    Known,
    changes,
    known_offers,
    merge,
    upsert_or_refuse,
)
from offers.enums import OfferState, PlaceSource
from offers.files.jsonl import Line, UnreadableLine
from offers.files.models import ImportRun, Quarantine
from offers.payload.offer import OfferContent, hash_content, read_mode, read_offer
from offers.payload.text import UnsoundOffer

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
            batch.known = known_offers({line.reference for line in lines} - {""})
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
        self.known: dict[str, Known] = {}
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
        if known and not changes(known, content.updated_at, content.mode):
            self.tally["unchanged"] += 1
        else:
            self.keep(content, line)

    def is_known_by_hash(self, line: Line, known: Known) -> bool:
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
            and not changes(known, known.updated_at, read_mode(data))
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
        # An event or the previous batch has written the same meanwhile.
        self.tally["unchanged"] += len(self.waiting) - len(created) - len(changed)
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
        reject = Quarantine(file=line.file[-200:], line=line.number, raw=line.text)
        reject.reference, reject.reason = reference, reason[:300]
        self.rejects.append(reject)
        # Invalid but present: a snapshot does not lack it.
        if reference:
            self.seen.append(reference)
        elif not line.ends_file:
            self.nameless += 1


def hash_line(line: Line) -> bytes:
    return hashlib.blake2b(line.raw, digest_size=HALF).digest()
