"""Write contents without a sequence, from files and the API."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter

from django.db import DataError, Error, IntegrityError, connection

from offers.catalogue.models import Offer
from offers.catalogue.writes import (
    CONTENT_COLUMNS,
    LOCK_UNKNOWN,
    MODE_COLUMNS,
    STAGED_COLUMNS,
    new_words_of,
    row_text,
    set_if,
    staged_row,
    writing_offers,
)
from offers.enums import OfferState
from offers.payload.offer import OfferContent, OfferMode

# Bytes of each half of the stored hash: content, then line.
HALF = 16

# Precedence (design 5): files and pulls have no sequence, so the later date wins.
IS_NEWER = "(excluded.updated_at > o.updated_at)"
# The ``opus`` object has its own source: the highest sequence, else the newest file
# that has one. Content without it never changes it, and a mode is inferred only until
# one is received.
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
    {", ".join(set_if(column, IS_NEWER) for column in CONTENT_COLUMNS)},
    {set_if("content_hash", f"{IS_NEWER} OR {DECLARES}")},
    {", ".join(set_if(column, f"{DECLARES} OR {INFERS}") for column in MODE_COLUMNS)},
    {set_if("mode_at", DECLARES)},
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


def known_offers(names: Iterable[str]) -> dict[str, Known]:
    rows = Offer.objects.filter(pk__in=names).values_list(
        *("reference", "content_hash", "updated_at", "state", "place_source"),
        *("mode_at", "mode_sequence", *MODE_COLUMNS, "mode_declared"),
    )
    known = {}
    for reference, stored_hash, updated_at, state, source, *modes in rows:
        mode_at, mode_sequence, *mode = modes
        hashes = bytes(stored_hash[:HALF]), bytes(stored_hash[HALF:])
        by_feed = mode_sequence is not None
        known[reference] = Known(
            *hashes, updated_at, state, source, OfferMode(*mode), mode_at, by_feed
        )
    return known


def changes(known: Known, updated_at: datetime, mode: OfferMode) -> bool:
    """Return whether a content would change an offer, as ``UPSERT``."""
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
