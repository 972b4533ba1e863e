"""Events into the mirror: one transaction a batch, set-based, all or nothing.

Two batches never wait for each other in a circle: the key of the batch first, then
``hold_unknown``, then the rows of offers by number.
"""

import datetime as dt
import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from offers.feed.events import Event, UnsoundEvent, read_event
from offers.feed.quarantine import Reject, set_aside
from offers.feed.standing import Standing
from offers.feed.writing import write_standings
from offers.gazetteer import french_gazetteer
from offers.mirror import (
    SEEN_AT_ONCE,
    announce_withdrawal,
    hold_unknown,
    writing_offers,
)
from offers.models import (
    Channel,
    FeedEvent,
    OfferState,
    PendingOffer,
)
from opus.lib.pipelines import pipelined

logger = logging.getLogger(__name__)

# A thousand events take a second or two; a web worker is given up after 30.
OPTIONS = {"statement_timeout": "20s", **SEEN_AT_ONCE}


@dataclass
class Outcome:
    """What came of a batch: the figures of the reply (design 5)."""

    received: int = 0
    applied: int = 0
    ignored: int = 0
    rejects: list[Reject] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)


def deliver(items: Sequence[Any], *, key: str) -> Outcome:
    """Apply a batch; the same key a second time changes nothing.

    Args:
        items: events as JSON has them.
        key: of the batch, as its sender names it.

    Raises:
        OperationalError, InterfaceError: the database is away: nothing was written.
    """
    received_at = timezone.now()
    events, rejects = read_events(items, received_at)
    with writing_offers(**OPTIONS):
        delivery = open_delivery(key)
        if delivery is None:
            return Outcome(received=len(items), ignored=len(items))
        outcome = apply_events(events)
        outcome.received = len(items)
        outcome.rejects = rejects + outcome.rejects
        set_aside(outcome.rejects)
        close_delivery(delivery, outcome, lag_of(events, received_at))
    return outcome


def read_events(
    items: Iterable[Any], received_at: dt.datetime
) -> tuple[list[Event], list[Reject]]:
    """The sound events, and the others with what is wrong with each."""
    events, rejects = [], []
    gazetteer = french_gazetteer()
    for item in items:
        try:
            events.append(read_event(item, gazetteer, received_at=received_at))
        except UnsoundEvent as error:
            rejects.append(Reject(item, str(error)))
    return events, rejects


# --- Batches -------------------------------------------------------------------------


def open_delivery(key: str) -> int | None:
    """The row of a batch, or None where its key was seen. One that is under way in
    another transaction is waited for.
    """
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO offers_feeddelivery"
            " (channel, key, received, applied, ignored, rejected)"
            " VALUES (%s, %s, 0, 0, 0, 0)"
            " ON CONFLICT (channel, key) DO NOTHING RETURNING id",
            [Channel.PUSH, digest],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def close_delivery(delivery: int, outcome: Outcome, lag: float | None) -> None:
    # Plain SQL, as above: each event waits for it, and the ORM is longer about it.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE offers_feeddelivery SET received = %s, applied = %s, ignored = %s,"
            " rejected = %s, lag_seconds = %s WHERE id = %s",
            [
                outcome.received,
                outcome.applied,
                outcome.ignored,
                len(outcome.rejects),
                lag,
                delivery,
            ],
        )


def lag_of(events: Sequence[Event], received_at: dt.datetime) -> float | None:
    """How old the newest event was when it came, in seconds."""
    newest = max((event.at for event in events if event.at), default=None)
    return max(0.0, (received_at - newest).total_seconds()) if newest else None


# --- Events --------------------------------------------------------------------------


def apply_events(events: Sequence[Event]) -> Outcome:
    """Take in the events that were never seen, within the transaction under way."""
    outcome = Outcome()
    if not events:
        return outcome
    references = sorted({event.reference for event in events})
    standings = lock(references)
    fresh = remember(events)
    outcome.ignored = len(events) - len(fresh)
    by_offer: dict[str, list[Event]] = defaultdict(list)
    for event in fresh:
        by_offer[event.reference].append(event)
    write(by_offer, standings, outcome)
    if outcome.withdrawn:
        announce_withdrawal(outcome.withdrawn)
    return outcome


LOCK = """
SELECT reference, state, content_sequence, state_sequence, mode_sequence
FROM offers_offer WHERE reference = ANY(%(references)s)
ORDER BY reference FOR NO KEY UPDATE
"""
# None where one is unknown, and no row is held then: ``hold_unknown`` comes first.
LOCK_IF_ALL_KNOWN = LOCK.replace(
    "ORDER BY",
    """
    AND cardinality(%(references)s::text[]) = (
        SELECT count(*) FROM offers_offer WHERE reference = ANY(%(references)s))
ORDER BY""",
)


def lock(references: Sequence[str]) -> dict[str, Standing]:
    """Where these offers stand, held until the transaction ends."""
    standings = {reference: Standing(reference) for reference in references}
    rows = hold(LOCK_IF_ALL_KNOWN, references)
    if brings_unknown := len(rows) < len(references):
        hold_unknown()
        rows = hold(LOCK, references)
    for reference, state, content_sequence, state_sequence, mode_sequence in rows:
        standings[reference] = Standing(
            reference,
            exists=True,
            told=OfferState.ACTIVE if state == OfferState.ABSENT else OfferState(state),
            is_cancelled=state == OfferState.CANCELLED,
            is_absent=state == OfferState.ABSENT,
            content_sequence=as_int(content_sequence),
            state_sequence=as_int(state_sequence),
            mode_sequence=as_int(mode_sequence),
        )
    if brings_unknown:
        for pending in PendingOffer.objects.filter(pk__in=references).order_by("pk"):
            standing = standings[pending.reference]
            standing.told = OfferState(pending.state)
            standing.is_cancelled = pending.state == OfferState.CANCELLED
            standing.state_sequence = as_int(pending.state_sequence)
    return standings


def hold(statement: str, references: Sequence[str]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"references": list(references)})
        return cursor.fetchall()


def as_int(number: Any) -> int | None:
    return None if number is None else int(number)


def remember(events: Sequence[Event]) -> list[Event]:
    """Those never seen, by their id and by their place, the first of each to come."""
    first: dict[str, Event] = {}
    places: set[tuple[str, int]] = set()
    for event in events:
        place = (event.reference, event.sequence)
        if event.id not in first and place not in places:
            first[event.id] = event
            places.add(place)
    ordered = sorted(first.values(), key=lambda event: event.id)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO offers_feedevent (event_id, reference, sequence, kind)"
            " SELECT * FROM unnest(%s::text[], %s::text[], %s::text[]::numeric[],"
            " %s::text[])"
            " ON CONFLICT DO NOTHING RETURNING event_id",
            [
                [event.id for event in ordered],
                [event.reference for event in ordered],
                [str(event.sequence) for event in ordered],
                [event.kind.value for event in ordered],
            ],
        )
        new = {event_id for (event_id,) in cursor.fetchall()}
    return [event for event in first.values() if event.id in new]


def forget(event: Event) -> None:
    """It was rejected after all: it uses up nothing."""
    FeedEvent.objects.filter(pk=event.id).delete()


# --- Writing -------------------------------------------------------------------------


def write(
    by_offer: Mapping[str, list[Event]],
    standings: Mapping[str, Standing],
    outcome: Outcome,
) -> None:
    """Write what the events make of these offers, and count them.

    What PostgreSQL refuses is set aside, alone: halves are tried, down to the offer.
    """
    tally = Outcome()
    changed = []
    for reference in sorted(by_offer):
        before = standings[reference]
        after = replace(before)
        for event in by_offer[reference]:
            if after.take(event):
                tally.applied += 1
            else:
                tally.ignored += 1
        if after != before:
            changed.append(after)
        was_seen = before.exists and before.state == OfferState.ACTIVE
        if was_seen and after.state != OfferState.ACTIVE:
            tally.withdrawn.append(reference)
    before_it = ""
    try:
        with pipelined():
            before_it = transaction.savepoint_create()
            write_standings(changed)
    except (DataError, IntegrityError) as error:
        transaction.savepoint_rollback(before_it)
        names = sorted(by_offer)
        if len(names) > 1:
            middle = len(names) // 2
            for half in (names[:middle], names[middle:]):
                write({name: by_offer[name] for name in half}, standings, outcome)
            return
        [after] = changed
        culprits = {
            event.id for event in (after.content_event, after.mode_event) if event
        }
        if not culprits:
            raise  # Nothing that an event brought: the fault is ours.
        logger.warning("Feed: refused by the database (%s).", type(error).__name__)
        kept = []
        for event in by_offer[after.reference]:
            if event.id in culprits:
                forget(event)
                outcome.rejects.append(Reject(event.item, "Refusée par la base."))
            else:
                kept.append(event)
        write({after.reference: kept}, standings, outcome)
    else:
        outcome.applied += tally.applied
        outcome.ignored += tally.ignored
        outcome.withdrawn += tally.withdrawn
