"""Read what is new, then compare if due (R4).

Each window is one transaction with the cursor of its run, so an interrupted run
continues from what was written.

Pull has no sequence: a later date replaces content, *absente* offers come back, and no
state set by an event changes (``offers.catalogue.writes.upsert_offers``).

A comparison withdraws offers that the API lost, after two checks. First, active
published offers missing from a window read in full. Second, at the end of the run, each
by its number. A guard between them: an API without a fifth of the offers has a
breakdown.
"""

import datetime as dt
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import Error, connection, transaction
from django.utils import timezone

from offers.catalogue import writes
from offers.catalogue.models import OfferSearch
from offers.enums import OfferState
from offers.feed.models import Channel, FeedDelivery
from offers.payload.offer import OfferContent, read_offer
from offers.payload.text import UnsoundOffer, printable, read_dates
from offers.pull.api import (
    BEGINNING,
    LONGEST_PAUSE,
    Api,
    ApiAway,
    Budget,
    OddAnswer,
    OutOfTime,
    TooMany,
    Window,
    next_window,
    read_window,
)
from offers.pull.models import FindingKind, PullFinding, PullKind, PullRun

# A first load finds a million offers: the counts include all, the list stops here.
MOST_FINDINGS = 1_000
MAX_RAW_CHARACTERS = 20_000
OUT_OF_SIGHT = {OfferState.SUSPENDED, OfferState.CANCELLED, OfferState.FILLED}


@dataclass(slots=True)
class Brought:
    seen: set[str] = field(default_factory=set)
    created: set[str] = field(default_factory=set)
    updated: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    unchanged: int = 0
    rejects: list[PullFinding] = field(default_factory=list)


def bring(items: Iterable[Any]) -> Brought:
    items = list(items)
    brought = Brought()
    names = (item.get("id") for item in items if isinstance(item, dict))
    known = writes.known_offers(
        {name.strip()[:20] for name in names if isinstance(name, str)}
    )
    waiting: dict[str, OfferContent] = {}
    for item in items:
        try:
            read_item(item, known, waiting, brought)
        except UnsoundOffer as error:
            reject(brought, item, str(error))
    unsound = len(brought.rejects)

    def refuse(refused: tuple[OfferContent, bytes], error: Error) -> None:
        logger.warning("Pull: refused by the database (%s).", type(error).__name__)
        reject(brought, {"id": refused[0].reference}, "Refusée par la base.")

    contents = [(content, b"") for content in waiting.values()]
    brought.created, brought.updated = writes.upsert_or_refuse(contents, refuse)
    refused = len(brought.rejects) - unsound
    # An event has written the same meanwhile.
    written = len(brought.created) + len(brought.updated)
    brought.unchanged += len(waiting) - written - refused
    return brought


def read_item(
    item: Any,
    known: dict[str, writes.StoredOffer],
    waiting: dict[str, OfferContent],
    brought: Brought,
) -> None:
    """Skip an offer without news, else read it. Raises UnsoundOffer."""
    reference = item.get("id") if isinstance(item, dict) else None
    stored = known.get(reference) if isinstance(reference, str) else None
    if stored and is_known(item, stored):
        brought.seen.add(str(reference))
        brought.unchanged += 1
        content = None
    else:
        content = read_offer(item)
        reference = content.reference
        brought.seen.add(reference)
    if stored and stored.state in OUT_OF_SIGHT:
        brought.held.add(str(reference))
    if content is None:
        return
    if stored and not writes.would_change(stored, content.updated_at, content.mode):
        brought.unchanged += 1
    elif reference in waiting:
        waiting[reference] = writes.merge(waiting[reference], content)
        brought.unchanged += 1
    else:
        waiting[content.reference] = content


def is_known(item: Any, stored: writes.StoredOffer) -> bool:
    """Return whether its date excludes changes. Raises UnsoundOffer."""
    if stored.state == OfferState.ABSENT or item.get("opus") is not None:
        return False
    _, updated_at = read_dates(item)
    return updated_at <= stored.updated_at


def reject(brought: Brought, item: Any, reason: str) -> None:
    """Keep an invalid offer with its reason; it exists."""
    reference = printable(item.get("id") if isinstance(item, dict) else None, 20)
    brought.seen.add(reference)
    finding = PullFinding(reference=reference, kind=FindingKind.REJECTED)
    # Odd characters are escaped, so that PostgreSQL can store them.
    finding.reason, finding.raw = reason[:300], json.dumps(item)[:MAX_RAW_CHARACTERS]
    brought.rejects.append(finding)
    logger.warning("Pull: offer rejected: %s", reason)


def record(run: PullRun, brought: Brought) -> None:
    """Write the figures of the run, and its first differences."""
    findings = list(brought.rejects)
    if run.is_comparison:
        room = max(0, MOST_FINDINGS - run.created - run.updated - run.held)
        for kind, references in (
            (FindingKind.CREATED, brought.created),
            (FindingKind.UPDATED, brought.updated),
            (FindingKind.HELD, brought.held),
        ):
            listed = sorted(references)[:room]
            findings += [PullFinding(reference=one, kind=kind) for one in listed]
        run.held += len(brought.held)
    run.created += len(brought.created)
    run.updated += len(brought.updated)
    run.unchanged += brought.unchanged
    run.rejected += len(brought.rejects)
    for finding in findings:
        finding.run = run
    PullFinding.objects.bulk_create(findings, ignore_conflicts=True)


# The API may show a change later than the feed.
GRACE = dt.timedelta(minutes=15)
MAX_WITHDRAWN = 20.0  # percent of the offers compared
# This many missing offers are no breakdown, whatever their share.
FEW = 20
BATCH = 1_000
# After this many odd answers in the second check, the rest waits, too.
MOST_ODD = 20
ODD_PAUSE = dt.timedelta(minutes=10)
# After this long without sound answers a run ends; the next one checks again.
ODD_AT_MOST = dt.timedelta(hours=2)

FIRST_LOOK = """
INSERT INTO offers_pullfinding (run_id, reference, kind, reason, raw)
SELECT %s, o.reference, %s, '', ''
FROM offers_offersearch s JOIN offers_offer o ON o.reference = s.offer_id
WHERE s.published AND s.created_at >= %s AND s.created_at < %s
    AND o.state = 'active'
    AND o.imported_at <= %s AND o.state_at <= %s
    AND o.reference <> ALL (%s)
ORDER BY o.reference
ON CONFLICT DO NOTHING
"""
# Pull leaves alone the offers updated since the first check.
WITHDRAW = """
WITH gone AS (
    SELECT o.reference FROM offers_offer o
    JOIN offers_pullfinding f ON f.reference = o.reference
    WHERE f.run_id = %s AND f.kind = %s AND f.reference = ANY (%s)
        AND o.state = 'active' AND o.published
        AND o.imported_at <= f.at AND o.state_at <= f.at
    ORDER BY o.reference FOR NO KEY UPDATE OF o
)
UPDATE offers_offer o SET state = 'absente', state_at = now() FROM gone
WHERE o.reference = gone.reference
RETURNING o.reference
"""


def is_absurd(run: PullRun, max_withdrawn: float = MAX_WITHDRAWN) -> bool:
    """Return whether too many offers are missing to be credible."""
    share = 100 * run.missing / run.active_before if run.active_before else 0.0
    return run.missing > FEW and share > max_withdrawn


def conclude(run: PullRun, api: Api, budget: Budget, max_withdrawn: float) -> None:
    """Check missing offers, then withdraw; resumable. Raises ApiAway, OutOfTime."""
    if run.missing and not run.read:
        run.refusal = "Aucune offre retirée : l’API n’en a rendu aucune."
    elif is_absurd(run, max_withdrawn):
        run.refusal = (
            f"Aucune offre retirée : {run.missing} des {run.active_before} offres"
            f" comparées sont introuvables, plus que les {max_withdrawn:g} % permis."
        )
    else:
        odd = look_again(run, api, budget)
        withdraw(run)
        now = timezone.now()
        if odd and now - run.started_at < ODD_AT_MOST:
            raise ApiAway(str(odd), now + ODD_PAUSE) from odd
        if odd:
            kept = run.findings.filter(kind=FindingKind.MISSING).count()
            run.refusal = f"Offres introuvables non retirées : {kept}. {odd}"
            logger.error("Pull: %d missing offers kept, the answers are odd.", kept)
        return
    logger.error("Pull: nothing withdrawn, %d offers are missing.", run.missing)


def look_again(run: PullRun, api: Api, budget: Budget) -> OddAnswer | None:
    """Look missing offers up by number; return an odd answer.

    After an odd answer the offer stays missing.
    """
    odd, count = None, 0
    missing = run.findings.filter(kind=FindingKind.MISSING).order_by("reference")
    for finding in missing:
        try:
            item = api.offer(finding.reference, budget)
        except OddAnswer as error:
            odd, count = error, count + 1
            if count == MOST_ODD:
                break
            continue
        with transaction.atomic():
            finding.kind = FindingKind.THERE if item else FindingKind.GONE
            if item:
                bring([item])
                run.still_there += 1
                run.save(update_fields=["still_there"])
            finding.save(update_fields=["kind"])
    return odd


def withdraw(run: PullRun) -> None:
    """Set offers missing twice to *absente*, unless updated since."""
    gone = run.findings.filter(kind=FindingKind.GONE).order_by("reference")
    while references := list(gone.values_list("reference", flat=True)[:BATCH]):
        with writes.writing_offers(writes.SEEN_AT_ONCE), connection.cursor() as cursor:
            cursor.execute(WITHDRAW, [run.pk, FindingKind.GONE, references])
            done = [reference for (reference,) in cursor.fetchall()]
            looked_at = PullFinding.objects.filter(run=run, reference__in=references)
            looked_at.filter(reference__in=done).update(kind=FindingKind.WITHDRAWN)
            looked_at.filter(kind=FindingKind.GONE).update(kind=FindingKind.SPARED)
            run.withdrawn += len(done)
            run.save(update_fields=["withdrawn"])
            if done:
                writes.announce_withdrawal(done)


logger = logging.getLogger(__name__)

# The API may show an offer a while after it was created.
OVERLAP = dt.timedelta(minutes=10)
# Period of the very first run; the comparison that follows reads older offers.
FIRST_NEWS = dt.timedelta(days=1)
# A window with fewer offers may grow.
COMFORTABLE = 1_500
LONGEST = dt.timedelta(seconds=LONGEST_PAUSE)


def poll(
    api: Api,
    *,
    budget: Budget | None = None,
    compare: bool | None = None,
    max_withdrawn: float = MAX_WITHDRAWN,
    on_progress: Callable[[PullRun], None] = lambda run: None,
) -> list[PullRun]:
    """Read the API once; return the runs concerned.

    Args:
        compare: begin a comparison even if not due; False: none at all.
        max_withdrawn: percentage of compared offers above which none is withdrawn.
    """
    turn = Turn(api, budget or Budget(), max_withdrawn, on_progress)
    runs = []
    # Zero: never.
    every = settings.COMPARE_EVERY
    last_one = PullRun.objects.filter(kind=PullKind.COMPARISON).first()
    is_due = last_one is None or timezone.now() - last_one.started_at >= every
    for kind in (PullKind.NEWS, PullKind.COMPARISON):
        run = PullRun.objects.filter(kind=kind).underway().first()
        if run is None and kind == PullKind.NEWS:
            last = PullRun.objects.filter(kind=kind).order_by("pk").last()
            start = last.covers_to if last else BEGINNING
            run = begin(kind, start.replace(microsecond=0))
        if run is None and (compare or (compare is None and every and is_due)):
            run = begin(PullKind.COMPARISON, BEGINNING)
            run.active_before = OfferSearch.objects.filter(published=True).count()
            run.save(update_fields=["active_before"])
        if run is None or (compare is False and run.is_comparison):
            continue
        runs.append(run)
        if not turn.go_on_with(run):
            break
    return runs


def begin(kind: PullKind, start: dt.datetime) -> PullRun:
    """Begin a run without bounds: the API's time is unknown."""
    bounds = dict.fromkeys(("covers_from", "covers_to", "read_to"), start)
    return PullRun.objects.create(kind=kind, step=dt.timedelta(0), **bounds)


@dataclass(frozen=True)
class Turn:
    """One run of the job."""

    api: Api
    budget: Budget
    max_withdrawn: float
    on_progress: Callable[[PullRun], None]

    def go_on_with(self, run: PullRun) -> bool:
        now, before = timezone.now(), self.api.requests
        # A later date was written by a wrong clock.
        if run.resume_at and now < run.resume_at <= now + LONGEST:
            return False
        try:
            if run.covers_to == run.covers_from:
                self.set_bounds(run)
            self.read(run)
            if run.is_comparison:
                conclude(run, self.api, self.budget, self.max_withdrawn)
        except OutOfTime:
            self.leave(run, before)
            return False
        except ApiAway as away:
            logger.warning("Pull: cut off, %s", away)
            self.leave(run, before, away)
            return False
        self.leave(run, before)
        end(run)
        return True

    def set_bounds(self, run: PullRun) -> None:
        """Set a run's period by the API's time, not Opus's."""
        now, start = self.api.now(self.budget), run.covers_to
        if not run.is_comparison:
            is_first = start == BEGINNING
            start = now - FIRST_NEWS if is_first else min(start, now) - OVERLAP
        run.covers_from = run.read_to = start
        run.covers_to, run.step = now, now - start
        run.save()

    def leave(
        self, run: PullRun, requests_before: int, away: ApiAway | None = None
    ) -> None:
        run.requests += self.api.requests - requests_before
        run.trouble = str(away)[:300] if away else ""
        run.resume_at = away.resume_at if away else None
        run.save()

    def read(self, run: PullRun) -> None:
        """Read all windows of the run. Raises ApiAway, OutOfTime."""
        while run.read_to < run.covers_to:
            window = next_window(run.read_to, run.covers_to, run.step)
            begun_at = timezone.now()
            try:
                offers, is_whole = read_window(self.api, window, self.budget)
            except TooMany:
                run.step = window.half
                continue
            except OutOfTime:
                # The next window must fit in a turn.
                run.step = window.half
                raise
            self.write(run, window, offers, begun_at if is_whole else None)
            self.on_progress(run)

    def write(
        self,
        run: PullRun,
        window: Window,
        offers: list[Any],
        whole_at: dt.datetime | None,
    ) -> None:
        """Write a window's offers, differences and cursor at once.

        ``whole_at``: when its reading began; None: it is not whole.
        """
        with transaction.atomic():
            brought = bring(offers)
            run.read += len(offers)
            run.partial += whole_at is None
            record(run, brought)
            # A million findings are not stored.
            if run.is_comparison and whole_at and not is_absurd(run):
                before = whole_at - GRACE
                created_in = (window.start, window.end)
                unchanged_since = (before, before, sorted(brought.seen))
                missing = (run.pk, FindingKind.MISSING, *created_in, *unchanged_since)
                with connection.cursor() as cursor:
                    cursor.execute(FIRST_LOOK, missing)
                    run.missing += cursor.rowcount
            is_far_from_full = len(offers) < COMFORTABLE
            run.step = window.length * (2 if is_far_from_full else 1)
            run.read_to = window.end
            run.save()


def end(run: PullRun) -> None:
    """End a run; a poll is a sign of life."""
    with transaction.atomic():
        run.ended_at = timezone.now()
        run.save(update_fields=["ended_at"])
        if run.is_comparison:
            logger.log(
                logging.WARNING if run.differences else logging.INFO,
                "Pull: comparison of %d offers: %d created, %d updated, %d withdrawn,"
                " %d held by an event, %d rejected.",
                *(run.read, run.created, run.updated, run.withdrawn),
                *(run.held, run.rejected),
            )
            return
        FeedDelivery.objects.create(
            channel=Channel.PULL,
            key=f"releve-{run.pk}",
            received=run.read,
            applied=run.created + run.updated,
            ignored=run.unchanged,
            rejected=run.rejected,
        )
