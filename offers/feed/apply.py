"""Apply events: one transaction a batch, all or nothing.

Order of locks: the key of the batch, unknown offers, then known ones by number. A batch
needs few round trips: between two of them, an event may wait for other pages (ADR 17).
"""

import datetime as dt
import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone
from psycopg import Cursor

from offers.catalogue.writes import (
    LOCK_UNKNOWN,
    SEEN_AT_ONCE,
    execute,
    one_round_trip,
    writing_offers,
)
from offers.enums import OfferState
from offers.feed.events import Event, UnsoundEvent, read_event
from offers.feed.models import Channel, FeedEvent
from offers.feed.precedence import Standing
from offers.feed.quarantine import Reject, set_aside
from offers.feed.writing import write_standings

logger = logging.getLogger(__name__)

# A thousand events need a second or two; a web worker is killed after 30.
OPTIONS = {"statement_timeout": "20s", **SEEN_AT_ONCE}


@dataclass
class Outcome:
    received: int = 0
    applied: int = 0
    ignored: int = 0
    rejects: list[Reject] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)


type ByOffer = Mapping[str, list[Event]]
type Standings = Mapping[str, Standing]


@dataclass(frozen=True, slots=True)
class Batch:
    key: str
    events: list[Event]
    rejects: list[Reject]
    received_at: dt.datetime

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.key.encode("utf-8", "surrogatepass")).hexdigest()


def deliver(items: Sequence[Any], *, key: str) -> Outcome:
    """Apply JSON events; a known key changes nothing.

    The caller then calls ``announce_withdrawal``. Raises OperationalError or
    InterfaceError if the database is unavailable; nothing is written.
    """
    received_at = timezone.now()
    batch = Batch(key, *read_events(items, received_at), received_at)
    try:
        outcome = apply_batch(batch)
    except (DataError, IntegrityError) as error:
        # The database refused a row: start again, by halves.
        logger.warning("Feed: refused by the database (%s).", type(error).__name__)
        outcome = apply_batch(batch, by_halves=True)
    outcome.received = len(items)
    for reject in outcome.rejects:
        logger.warning("Feed: event rejected: %s", reject.reason)
    return outcome


def apply_batch(batch: Batch, *, by_halves: bool = False) -> Outcome:
    opening = (OPEN, [Channel.PUSH, batch.digest])
    locking = (LOCK_KNOWN, parameters_of(batch.events))
    with writing_offers(OPTIONS, opening, locking) as (opened, locked):
        delivery = opened.fetchone()
        if delivery is None:
            # Also discard what ``LOCK_KNOWN`` recorded.
            transaction.set_rollback(True)
            return Outcome(ignored=len(batch.events) + len(batch.rejects))
        by_offer, standings = read_locked(batch.events, locked)
        with nullcontext() if by_halves else one_round_trip():
            outcome = (write_by_halves if by_halves else write)(by_offer, standings)
            outcome.ignored += len(batch.events) - sum(map(len, by_offer.values()))
            outcome.rejects = batch.rejects + outcome.rejects
            set_aside(outcome.rejects)
            execute(CLOSE, closing_of(batch, outcome) | {"id": delivery[0]})
    return outcome


def read_events(
    items: Iterable[Any], received_at: dt.datetime
) -> tuple[list[Event], list[Reject]]:
    events, rejects = [], []
    for item in items:
        try:
            events.append(read_event(item, received_at=received_at))
        except UnsoundEvent as error:
            rejects.append(Reject(item, str(error)))
    return events, rejects


# --- Batches -------------------------------------------------------------------------

# Waits if the same batch is being applied.
OPEN = """
INSERT INTO offers_feeddelivery (channel, key, received, applied, ignored, rejected)
VALUES (%s, %s, 0, 0, 0, 0) ON CONFLICT (channel, key) DO NOTHING RETURNING id
"""
CLOSE = """
UPDATE offers_feeddelivery SET received = %(received)s, applied = %(applied)s,
    ignored = %(ignored)s, rejected = %(rejected)s, lag_seconds = %(lag)s
WHERE id = %(id)s
"""


def closing_of(batch: Batch, outcome: Outcome) -> dict[str, Any]:
    return {
        "received": len(batch.events) + len(batch.rejects),
        "applied": outcome.applied,
        "ignored": outcome.ignored,
        "rejected": len(outcome.rejects),
        "lag": lag_of(batch.events, batch.received_at),
    }


def lag_of(events: Sequence[Event], received_at: dt.datetime) -> float | None:
    """Return the newest event's age on arrival, in seconds."""
    newest = max((event.at for event in events if event.at), default=None)
    return max(0.0, (received_at - newest).total_seconds()) if newest else None


# --- Events --------------------------------------------------------------------------


def apply_events(events: Sequence[Event]) -> Outcome:
    """Apply events in the transaction of ``writing_offers``."""
    locked = execute(LOCK_KNOWN, parameters_of(events))
    by_offer, standings = read_locked(events, locked)
    outcome = write_by_halves(by_offer, standings)
    outcome.ignored += len(events) - sum(map(len, by_offer.values()))
    return outcome


STANDING = "reference, state, content_sequence, state_sequence, mode_sequence"
LOCK = f"""
SELECT {STANDING} FROM offers_offer WHERE reference = ANY(%(references)s)
ORDER BY reference FOR NO KEY UPDATE
"""  # noqa: S608 - made of the constant above
REMEMBER = """
INSERT INTO offers_feedevent (event_id, reference, sequence, kind)
    SELECT * FROM unnest(%(ids)s::text[], %(places)s::text[],
        %(sequences)s::text[]::numeric[], %(kinds)s::text[])
    WHERE {condition}
ON CONFLICT DO NOTHING RETURNING event_id
"""
ARE_KNOWN = "cardinality(%(references)s::text[]) = (SELECT count(*) FROM {offers})"
# Does nothing, and locks no row, if an offer is unknown: the lock of unknown ones comes
# first. One statement, so that it locks what it remembers.
LOCK_KNOWN = f"""
WITH known AS (
    SELECT reference FROM offers_offer WHERE reference = ANY(%(references)s)
), held AS (
    {LOCK.replace("ORDER BY", f"AND {ARE_KNOWN.format(offers='known')} ORDER BY")}
), fresh AS (
    {REMEMBER.format(condition=ARE_KNOWN.format(offers="held"))}
)
SELECT {STANDING}, NULL FROM held
UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, event_id FROM fresh
"""  # noqa: S608 - made of the constants above


PENDING = """
SELECT reference, state, state_sequence FROM offers_pendingoffer
WHERE reference = ANY(%(references)s)
"""


def read_locked(
    events: Sequence[Event], locked: Cursor[Any]
) -> tuple[ByOffer, Standings]:
    """Return the new events by offer, and these stored offers.

    If an offer is unknown, ``LOCK_KNOWN`` did nothing: this locks all.
    """
    parameters = parameters_of(events)
    answer = locked.fetchall()
    rows = [row for *row, event_id in answer if event_id is None]
    new = {event_id for *_, event_id in answer if event_id is not None}
    standings = {one: Standing(one) for one in parameters["references"]}
    pending: list[Any] = []
    if len(rows) < len(standings):
        with one_round_trip():
            execute(LOCK_UNKNOWN)
            known = execute(LOCK, parameters)
            recorded = execute(REMEMBER.format(condition="TRUE"), parameters)
            without_content = execute(PENDING, parameters)
        rows, pending = known.fetchall(), without_content.fetchall()
        new = {event_id for (event_id,) in recorded}
    for reference, state, content_sequence, state_sequence, mode_sequence in rows:
        is_absent = state == OfferState.ABSENT
        standings[reference] = Standing(
            reference,
            exists=True,
            event_state=OfferState.ACTIVE if is_absent else OfferState(state),
            is_cancelled=state == OfferState.CANCELLED,
            is_absent=is_absent,
            content_sequence=as_int(content_sequence),
            state_sequence=as_int(state_sequence),
            mode_sequence=as_int(mode_sequence),
        )
    for reference, state, state_sequence in pending:
        standing = standings[reference]
        standing.event_state = OfferState(state)
        standing.is_cancelled = state == OfferState.CANCELLED
        standing.state_sequence = as_int(state_sequence)
    by_offer = defaultdict(list)
    for event in first_of_each(events):
        if event.id in new:
            by_offer[event.reference].append(event)
    return by_offer, standings


def as_int(number: Any) -> int | None:
    return None if number is None else int(number)


def first_of_each(events: Sequence[Event]) -> list[Event]:
    """Leave out repeated ids and sequences."""
    first: dict[str, Event] = {}
    places: set[tuple[str, int]] = set()
    for event in events:
        place = (event.reference, event.sequence)
        if event.id not in first and place not in places:
            first[event.id] = event
            places.add(place)
    return list(first.values())


def parameters_of(events: Sequence[Event]) -> dict[str, list[str]]:
    """Return a statement's parameters, sorted for the order of locks."""
    ordered = sorted(first_of_each(events), key=lambda event: event.id)
    return {
        "references": sorted({event.reference for event in events}),
        "ids": [event.id for event in ordered],
        "places": [event.reference for event in ordered],
        "sequences": [str(event.sequence) for event in ordered],
        "kinds": [event.kind.value for event in ordered],
    }


# --- Writing -------------------------------------------------------------------------


def write(by_offer: ByOffer, standings: Standings) -> Outcome:
    changed, outcome = weigh(by_offer, standings)
    write_standings(changed)
    return outcome


def write_by_halves(by_offer: ByOffer, standings: Standings) -> Outcome:
    """Write offers; find refused rows by halving, quarantine them."""
    changed, outcome = weigh(by_offer, standings)
    try:
        with transaction.atomic():
            write_standings(changed)
    except (DataError, IntegrityError) as error:
        names = sorted(by_offer)
        if len(names) > 1:
            middle = len(names) // 2
            return sum_of(
                write_by_halves({name: by_offer[name] for name in half}, standings)
                for half in (names[:middle], names[middle:])
            )
        [after] = changed
        causes = (after.content_event, after.mode_event)
        culprits = {event.id for event in causes if event}
        if not culprits:
            raise  # No event caused it: the fault is ours.
        logger.warning("Feed: refused by the database (%s).", type(error).__name__)
        kept, rejects = [], []
        for event in by_offer[after.reference]:
            if event.id in culprits:
                # If sent again, it must not count as known.
                FeedEvent.objects.filter(pk=event.id).delete()
                rejects.append(Reject(event.item, "Refusée par la base."))
            else:
                kept.append(event)
        without = write_by_halves({after.reference: kept}, standings)
        return sum_of([Outcome(rejects=rejects), without])
    return outcome


def weigh(by_offer: ByOffer, standings: Standings) -> tuple[list[Standing], Outcome]:
    changed, outcome = [], Outcome()
    for reference in sorted(by_offer):
        before = standings[reference]
        after = replace(before)
        applied = sum(map(after.apply, by_offer[reference]))
        outcome.applied += applied
        outcome.ignored += len(by_offer[reference]) - applied
        if after != before:
            changed.append(after)
        was_seen = before.exists and before.state == OfferState.ACTIVE
        if was_seen and after.state != OfferState.ACTIVE:
            outcome.withdrawn.append(reference)
    return changed, outcome


def sum_of(outcomes: Iterable[Outcome]) -> Outcome:
    total = Outcome()
    for one in outcomes:
        total.applied += one.applied
        total.ignored += one.ignored
        total.rejects += one.rejects
        total.withdrawn += one.withdrawn
    return total
