"""Apply events: one transaction a batch, all or nothing.

Order of locks: the key of the batch, unknown offers, then known ones by number. A batch
needs few round trips: between two of them, an event may wait for other pages (ADR 17).
"""

import datetime as dt
import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import astuple, dataclass, field, replace
from typing import Any

from django.db import DataError, Error, IntegrityError, transaction
from django.utils import timezone
from psycopg import Cursor

from offers.catalogue import writes
from offers.enums import OfferState
from offers.feed.events import Event, UnsoundEvent, read_event
from offers.feed.models import Channel, EventKind, FeedEvent
from offers.payload.offer import OfferContent, OfferMode
from offers.payload.text import printable

STATES = {
    EventKind.CREATED: OfferState.ACTIVE,
    EventKind.SUSPENDED: OfferState.SUSPENDED,
    EventKind.REACTIVATED: OfferState.ACTIVE,
    EventKind.CANCELLED: OfferState.CANCELLED,
    EventKind.FILLED: OfferState.FILLED,
}


@dataclass(slots=True)
class OfferAfterEvents:
    """An offer as stored, then with each event applied.

    ``event_state``: the state from events, even if a snapshot lacks the offer.
    Sequences are those of the events that gave content, state and mode.
    """

    reference: str
    exists: bool = False
    event_state: OfferState = OfferState.ACTIVE
    is_cancelled: bool = False
    is_absent: bool = False
    content_sequence: int | None = None
    state_sequence: int | None = None
    mode_sequence: int | None = None
    # Found in the new events.
    content_event: Event | None = None
    mode_event: Event | None = None
    is_heard: bool = False

    def apply(self, event: Event) -> bool:
        """Apply an event; False if it is outdated."""
        is_news = False
        content, sequence = event.content, event.sequence
        if content and is_higher(sequence, self.content_sequence):
            self.content_sequence, self.content_event = sequence, event
            is_news = True
        declares = content and content.mode.is_declared
        if declares and is_higher(sequence, self.mode_sequence):
            self.mode_sequence, self.mode_event = sequence, event
            is_news = True
        target = STATES.get(event.kind)
        if target and is_higher(sequence, self.state_sequence):
            self.state_sequence, self.event_state = sequence, target
            is_news |= not self.is_cancelled
        if target == OfferState.CANCELLED and not self.is_cancelled:
            self.is_cancelled = is_news = True
        self.is_heard |= is_news
        return is_news

    @property
    def state(self) -> OfferState:
        """Return the state; an event brings a missed offer back."""
        if self.is_cancelled:
            return OfferState.CANCELLED
        is_missed = self.is_absent and not self.is_heard
        is_active = self.event_state == OfferState.ACTIVE
        return OfferState.ABSENT if is_active and is_missed else self.event_state

    @property
    def content(self) -> OfferContent | None:
        """Return the content with its mode, which has another source."""
        if self.content_event is None or self.content_event.content is None:
            return None
        return replace(self.content_event.content, mode=self.mode)

    @property
    def mode(self) -> OfferMode:
        """Return the mode; raise ValueError if no event gave one."""
        event = self.mode_event or self.content_event
        if event is None or event.content is None:
            raise ValueError("no content, no mode")
        return event.content.mode


def is_higher(sequence: int, known: int | None) -> bool:
    return known is None or sequence > known


SOURCES = ("state", "content_sequence", "state_sequence", "mode_sequence")
STAGED = ", ".join((*writes.COLUMNS, *SOURCES))
STAGE = f"""
CREATE TEMP TABLE IF NOT EXISTS staged_events ON COMMIT DELETE ROWS
    AS SELECT {STAGED} FROM offers_offer WITH NO DATA
"""  # noqa: S608 - made of the constants above
FILL = """
INSERT INTO staged_events
    SELECT * FROM json_populate_recordset(NULL::staged_events, %s::json)
"""
STATE_AT = """
    state_at = CASE WHEN o.state = {new}.state THEN o.state_at ELSE now() END,
    state = {new}.state, state_sequence = {new}.state_sequence
"""
DECLARES = "excluded.mode_declared OR NOT o.mode_declared"
UPSERT = f"""
INSERT INTO offers_offer AS o ({STAGED})
    SELECT {STAGED} FROM staged_events ORDER BY reference
ON CONFLICT (reference) DO UPDATE SET
    {", ".join(f"{column} = excluded.{column}" for column in writes.CONTENT_COLUMNS)},
    content_hash = excluded.content_hash,
    {", ".join(writes.set_if(column, DECLARES) for column in writes.MODE_COLUMNS)},
    mode_declared = o.mode_declared OR excluded.mode_declared,
    content_sequence = excluded.content_sequence,
    mode_sequence = excluded.mode_sequence,
    imported_at = now(),
    {STATE_AT.format(new="excluded")}
"""  # noqa: S608 - made of the constants above
KEPT_NO_LONGER = """
DELETE FROM offers_pendingoffer p USING staged_events s WHERE p.reference = s.reference
"""
SET_STATES = f"""
UPDATE offers_offer o SET {STATE_AT.format(new="n")}
FROM unnest(%s::text[], %s::text[], %s::text[]::numeric[])
    AS n (reference, state, state_sequence)
WHERE o.reference = n.reference
"""  # noqa: S608 - made of the constants above
SET_MODES = """
UPDATE offers_offer o SET
    published = n.published, preselection = n.preselection, delegated = n.delegated,
    agency_safir = n.agency_safir, posts_left = n.posts_left, mode_declared = true,
    mode_sequence = n.mode_sequence
FROM unnest(%s::text[], %s::bool[], %s::bool[], %s::bool[], %s::text[], %s::int[],
        %s::text[]::numeric[])
    AS n (reference, published, preselection, delegated, agency_safir, posts_left,
        mode_sequence)
WHERE o.reference = n.reference
"""
KEEP_WITHOUT_CONTENT = """
INSERT INTO offers_pendingoffer (reference, state, state_sequence)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::text[]::numeric[])
ON CONFLICT (reference) DO UPDATE SET
    state = excluded.state, state_sequence = excluded.state_sequence
"""


def write_offers(offers: Sequence[OfferAfterEvents]) -> None:
    write_contents(offers)
    others = [one for one in offers if one.exists and not one.content]
    set_all(SET_STATES, [state_row(one) for one in others])
    # All columns of the mode but ``is_declared``.
    modes = [
        (one.reference, *astuple(one.mode)[:-1], str(one.mode_sequence))
        for one in others
        if one.mode_event
    ]
    set_all(SET_MODES, modes)
    without = [one for one in offers if not one.exists and not one.content]
    set_all(KEEP_WITHOUT_CONTENT, [state_row(one) for one in without])


def write_contents(offers: Sequence[OfferAfterEvents]) -> None:
    rows = [
        {
            **writes.staged_row(one.content, b""),
            "details": one.content.details,
            "content_hash": f"\\x{one.content.content_hash.hex()}",
            "state": one.state.value,
            **{name: getattr(one, name) for name in SOURCES if name != "state"},
        }
        for one in offers
        if one.content
    ]
    if not rows:
        return
    writes.execute(STAGE)
    # Already empty unless halving; TRUNCATE would create new files each time.
    writes.execute("DELETE FROM staged_events")
    writes.execute(FILL, [json.dumps(rows, default=str)])
    writes.execute(UPSERT)
    writes.execute(KEPT_NO_LONGER)
    for statement in writes.new_words_of("staged_events"):
        writes.execute(statement)


def state_row(offer: OfferAfterEvents) -> tuple[Any, ...]:
    sequence = offer.state_sequence
    text = None if sequence is None else str(sequence)
    return offer.reference, offer.state.value, text


def set_all(statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run a statement over rows, sent column by column."""
    if rows:
        writes.execute(statement, [list(column) for column in zip(*rows, strict=True)])


MAX_RAW_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class Reject:
    item: Any
    reason: str

    @property
    def event_id(self) -> str | None:
        found = self.item.get("id") if isinstance(self.item, dict) else None
        return found if isinstance(found, str) else None


SET_ASIDE = """
INSERT INTO offers_eventquarantine AS q
    (fingerprint, raw, is_cut, event_id, reference, reason, times, result)
    SELECT *, 1, '' FROM unnest(
        %s::text[], %s::text[], %s::bool[], %s::text[], %s::text[], %s::text[])
ON CONFLICT (fingerprint) DO UPDATE SET
    times = q.times + 1, last_at = now(), reason = excluded.reason,
    settled_at = NULL, result = ''
"""


def set_aside(rejects: Sequence[Reject]) -> None:
    """Store rejected events; a repeated event counts on its row."""
    rows = {}
    for reject in rejects:
        # Odd characters are escaped in its JSON.
        raw = json.dumps(reject.item)
        item = reject.item if isinstance(reject.item, dict) else {}
        fingerprint = hashlib.sha256(raw.encode()).hexdigest()
        rows[fingerprint] = (
            fingerprint,
            raw[:MAX_RAW_CHARACTERS],
            len(raw) > MAX_RAW_CHARACTERS,
            printable(item.get("id"), 200),
            printable(item.get("subject"), 20),
            reject.reason[:300],
        )
    set_all(SET_ASIDE, [rows[fingerprint] for fingerprint in sorted(rows)])


logger = logging.getLogger(__name__)

# A thousand events need a second or two; a web worker is killed after 30.
OPTIONS = {"statement_timeout": "20s", **writes.SEEN_AT_ONCE}


@dataclass
class Outcome:
    received: int = 0
    applied: int = 0
    ignored: int = 0
    rejects: list[Reject] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)


type ByOffer = Mapping[str, list[Event]]
type OffersAfterEvents = Mapping[str, OfferAfterEvents]


def deliver(items: Sequence[Any], *, key: str) -> Outcome:
    """Apply JSON events; a known key changes nothing.

    The caller then calls ``announce_withdrawal``. Raises OperationalError or
    InterfaceError if the database is unavailable; nothing is written.
    """
    received_at = timezone.now()
    events, rejects = read_events(items, received_at)
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    # The newest event's age on arrival, in seconds.
    newest = max((event.at for event in events if event.at), default=None)
    lag = max(0.0, (received_at - newest).total_seconds()) if newest else None
    try:
        outcome = apply_batch(events, rejects, digest, lag, write)
    except (DataError, IntegrityError) as error:
        # The database refused a row: start again, by halves.
        logger.warning("Feed: refused by the database (%s).", type(error).__name__)
        outcome = apply_batch(events, rejects, digest, lag, write_by_halves)
    for reject in outcome.rejects:
        logger.warning("Feed: event rejected: %s", reject.reason)
    return outcome


def apply_batch(
    events: Sequence[Event],
    rejects: Sequence[Reject],
    key: str,
    lag: float | None,
    write: Callable[[ByOffer, OffersAfterEvents, Outcome], None],
) -> Outcome:
    opening = (OPEN, [Channel.PUSH, key])
    locking = (LOCK_KNOWN, parameters_of(events))
    received = len(events) + len(rejects)
    with writes.writing_offers(OPTIONS, opening, locking) as (opened, locked):
        delivery = opened.fetchone()
        if delivery is None:
            # Also discard what ``LOCK_KNOWN`` recorded.
            transaction.set_rollback(True)
            return Outcome(received, ignored=received)
        by_offer, offers = read_locked(events, locked)
        ignored = len(events) - sum(map(len, by_offer.values()))
        outcome = Outcome(received, ignored=ignored, rejects=list(rejects))
        with nullcontext() if write is write_by_halves else writes.one_round_trip():
            write(by_offer, offers, outcome)
            set_aside(outcome.rejects)
            figures = (received, outcome.applied, outcome.ignored)
            writes.execute(CLOSE, [*figures, len(outcome.rejects), lag, delivery[0]])
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
UPDATE offers_feeddelivery
SET received = %s, applied = %s, ignored = %s, rejected = %s, lag_seconds = %s
WHERE id = %s
"""


# --- Events --------------------------------------------------------------------------


def apply_events(events: Sequence[Event]) -> Outcome:
    """Apply events in the transaction of ``writing_offers``."""
    locked = writes.execute(LOCK_KNOWN, parameters_of(events))
    by_offer, offers = read_locked(events, locked)
    outcome = Outcome(ignored=len(events) - sum(map(len, by_offer.values())))
    write_by_halves(by_offer, offers, outcome)
    return outcome


KNOWN_COLUMNS = "reference, state, content_sequence, state_sequence, mode_sequence"
LOCKED = f"""
SELECT {KNOWN_COLUMNS} FROM offers_offer WHERE reference = ANY(%(references)s) {{only}}
ORDER BY reference FOR NO KEY UPDATE
"""  # noqa: S608 - made of the constant above
REMEMBERED = """
INSERT INTO offers_feedevent (event_id, reference, sequence, kind)
    SELECT * FROM unnest(%(ids)s::text[], %(places)s::text[],
        %(sequences)s::text[]::numeric[], %(kinds)s::text[]) {only}
ON CONFLICT DO NOTHING RETURNING event_id
"""
LOCK, REMEMBER = LOCKED.format(only=""), REMEMBERED.format(only="")
ARE_ALL = "cardinality(%(references)s::text[]) = (SELECT count(*) FROM {rows})"
# Both. Does nothing, and locks no row, if an offer is unknown: the lock of unknown ones
# comes first. One statement, so that it locks what it remembers.
LOCK_KNOWN = f"""
WITH known AS (
    SELECT reference FROM offers_offer WHERE reference = ANY(%(references)s)
), held AS (
    {LOCKED.format(only="AND " + ARE_ALL.format(rows="known"))}
), fresh AS (
    {REMEMBERED.format(only="WHERE " + ARE_ALL.format(rows="held"))}
)
SELECT {KNOWN_COLUMNS}, NULL FROM held
UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, event_id FROM fresh
"""  # noqa: S608 - made of the constants above
PENDING = """
SELECT reference, state, state_sequence FROM offers_pendingoffer
WHERE reference = ANY(%(references)s)
"""


def read_locked(
    events: Sequence[Event], locked: Cursor[Any]
) -> tuple[ByOffer, OffersAfterEvents]:
    """Return the new events by offer, and these stored offers.

    If an offer is unknown, ``LOCK_KNOWN`` did nothing: this locks all.
    """
    parameters = parameters_of(events)
    answer = locked.fetchall()
    rows = [row for *row, event_id in answer if event_id is None]
    new = {event_id for *_, event_id in answer if event_id is not None}
    offers = {one: OfferAfterEvents(one) for one in parameters["references"]}
    pending: list[Any] = []
    if len(rows) < len(offers):
        with writes.one_round_trip():
            writes.execute(writes.LOCK_UNKNOWN)
            known = writes.execute(LOCK, parameters)
            recorded = writes.execute(REMEMBER, parameters)
            without_content = writes.execute(PENDING, parameters)
        rows, pending = known.fetchall(), without_content.fetchall()
        new = {event_id for (event_id,) in recorded}
    for reference, state, content_sequence, state_sequence, mode_sequence in rows:
        is_absent = state == OfferState.ABSENT
        offers[reference] = OfferAfterEvents(
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
        offer = offers[reference]
        offer.event_state = OfferState(state)
        offer.is_cancelled = state == OfferState.CANCELLED
        offer.state_sequence = as_int(state_sequence)
    by_offer = defaultdict(list)
    for event in first_of_each(events):
        if event.id in new:
            by_offer[event.reference].append(event)
    return by_offer, offers


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


def write(by_offer: ByOffer, offers: OffersAfterEvents, outcome: Outcome) -> None:
    changed, figures = compute_changes(by_offer, offers)
    write_offers(changed)
    outcome.applied += figures.applied
    outcome.ignored += figures.ignored
    outcome.withdrawn += figures.withdrawn


def write_by_halves(
    by_offer: ByOffer, offers: OffersAfterEvents, outcome: Outcome
) -> None:
    """Write offers; find refused rows by halving, quarantine them."""

    def write_some(references: Sequence[str]) -> None:
        with transaction.atomic():
            write({one: by_offer[one] for one in references}, offers, outcome)

    def refuse(reference: str, error: Error) -> None:
        events = by_offer[reference]
        [after], _ = compute_changes({reference: events}, offers)
        causes = (after.content_event, after.mode_event)
        culprits = {event.id for event in causes if event}
        if not culprits:
            raise error  # No event caused it: the fault is ours.
        logger.warning("Feed: refused by the database (%s).", type(error).__name__)
        for event in events:
            if event.id in culprits:
                # If sent again, it must not count as known.
                FeedEvent.objects.filter(pk=event.id).delete()
                outcome.rejects.append(Reject(event.item, "Refusée par la base."))
        kept = [event for event in events if event.id not in culprits]
        write_by_halves({reference: kept}, offers, outcome)

    writes.by_halves(sorted(by_offer), write_some, refuse)


def compute_changes(
    by_offer: ByOffer, offers: OffersAfterEvents
) -> tuple[list[OfferAfterEvents], Outcome]:
    changed, outcome = [], Outcome()
    for reference in sorted(by_offer):
        before = offers[reference]
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
