"""Write permission, columns, locks and announcements for all writers.

A trigger refuses writes that do not pass through ``writing_offers`` (art. 7). Order of
locks: unknown offers, then known ones by number.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import partial
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import Any

from django.db import DataError, Error, IntegrityError, connection, transaction
from psycopg import Cursor

from offers.catalogue.models import Offer
from offers.enums import OfferState
from offers.payload.offer import OfferContent, OfferMode
from offers.payload.place import Placement

# The setting that the trigger checks.
PERMISSION = "opus.sync"
NOTHING: Mapping[str, str] = MappingProxyType({})
# After the commit no replica shows a withdrawn offer.
SEEN_AT_ONCE = {"synchronous_commit": "remote_apply"}


@contextmanager
def writing_offers(
    options: Mapping[str, str] = NOTHING, *first: tuple[str, Any]
) -> Iterator[list[Cursor[Any]]]:
    """Open a transaction that may write offers (art. 7).

    The permission ends with the block. ``options``: PostgreSQL settings. ``first``:
    statements and parameters, sent with the permission; their cursors are yielded.
    """
    is_inner = connection.in_atomic_block
    settings = {PERMISSION: "on", **options}
    with transaction.atomic():
        with one_round_trip():
            execute(SET_FOR_TRANSACTION, [list(settings), list(settings.values())])
            cursors = [execute(*one) for one in first]
        yield cursors
        if is_inner:
            execute("SELECT set_config(%s, 'off', true)", [PERMISSION])


SET_FOR_TRANSACTION = """
SELECT set_config(name, value, true)
FROM unnest(%s::text[], %s::text[]) AS setting (name, value)
"""


def execute(statement: str, parameters: Any = None) -> Cursor[Any]:
    """Run a statement that PostgreSQL plans once for this connection."""
    cursor = Cursor(connection.connection)
    with connection.wrap_database_errors:
        return cursor.execute(statement.encode(), parameters, prepare=True)


@contextmanager
def one_round_trip() -> Iterator[None]:
    """Send the block's statements together; read their rows after it."""
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


# Parts of a content whose fields are columns of the offer too.
PARTS = {"place": Placement, "mode": OfferMode}
# Columns that differ in name from their field.
RENAMED = {"label": "place_label", "source": "place_source"}
RENAMED |= {"is_declared": "mode_declared"}


def column_paths() -> Iterator[tuple[str, str]]:
    """Yield (column, attribute path in ``OfferContent``)."""
    for field in fields(OfferContent):
        if field.name not in PARTS:
            yield field.name, field.name
            continue
        for inner in fields(PARTS[field.name]):
            yield RENAMED.get(inner.name, inner.name), f"{field.name}.{inner.name}"


PATHS = dict(column_paths())
VALUES_OF = attrgetter(*PATHS.values())
# Columns of an incoming row, for COPY.
STAGED_COLUMNS = tuple(PATHS)
# An event has a sequence instead of ``mode_at``.
COLUMNS = tuple(name for name in PATHS if name != "mode_at")
MODE_COLUMNS = tuple(
    name
    for name, path in PATHS.items()
    if path.startswith("mode.") and name != "mode_declared"
)
CONTENT_COLUMNS = tuple(
    name
    for name, path in PATHS.items()
    if not path.startswith("mode") and name not in {"reference", "content_hash"}
)


def set_if(column: str, condition: str) -> str:
    """Return a ``SET`` clause: the new value on a condition."""
    value = f"CASE WHEN {condition} THEN excluded.{column} ELSE o.{column} END"
    return f"{column} = {value}"


def row_text(source: str, columns: Iterable[str]) -> str:
    return "(" + ", ".join(f"{source}.{column}" for column in columns) + ")"


# Trades, appellations and skills that are new in a staging table.
NEW_TRADES = """
INSERT INTO offers_rome (code, label)
    SELECT DISTINCT ON (rome_code) rome_code, opus_masked(rome_label, contacts)
    FROM {table}
    WHERE rome_code <> '' AND rome_label <> ''
    ORDER BY rome_code, updated_at DESC
ON CONFLICT (code) DO NOTHING
"""
NEW_APPELLATIONS = """
INSERT INTO offers_appellation (key, label, plain, rome_code)
    SELECT DISTINCT ON (plain)
        opus_label_key(appellation), appellation, plain, rome_code
    FROM (
        SELECT DISTINCT ON (appellation)
            appellation, opus_plain(appellation) AS plain, rome_code, updated_at
        FROM (
            SELECT opus_masked(appellation, contacts) AS appellation, rome_code,
                updated_at
            FROM {table}
        ) s
        WHERE appellation <> ''
            AND NOT EXISTS (
                SELECT FROM offers_appellation a WHERE a.label = s.appellation)
        ORDER BY appellation, updated_at DESC
    ) named
    WHERE plain <> ''
    ORDER BY plain, updated_at DESC
ON CONFLICT DO NOTHING
"""
NEW_SKILLS = """
INSERT INTO offers_skill (code, label, plain)
    SELECT DISTINCT ON (code) code, label, opus_plain(label) FROM (
        SELECT CASE WHEN s.value ->> 'code' ~ '^[0-9]{{1,9}}$'
                THEN (s.value ->> 'code')::integer END AS code,
            opus_masked(s.value ->> 'libelle', contacts) AS label, updated_at
        FROM {table}, jsonb_array_elements(details -> 'competences') s
        WHERE skills IS NOT NULL
    ) named
    WHERE code IS NOT NULL AND label <> ''
        AND NOT EXISTS (SELECT FROM offers_skill k WHERE k.code = named.code)
    ORDER BY code, updated_at DESC
ON CONFLICT (code) DO NOTHING
"""


def new_words_of(table: str) -> list[str]:
    """Return statements that add new trades, appellations, skills to suggest."""
    statements = (NEW_TRADES, NEW_APPELLATIONS, NEW_SKILLS)
    return [statement.format(table=table) for statement in statements]


def staged_row(content: OfferContent, line_hash: bytes) -> dict[str, Any]:
    """Return ``STAGED_COLUMNS`` with their values, for COPY."""
    row = dict(zip(STAGED_COLUMNS, VALUES_OF(content), strict=True))
    row["place_source"] = content.place.source.value
    row["details"] = json.dumps(content.details, ensure_ascii=False)
    row["content_hash"] = content.content_hash + line_hash
    return row


# For creating offers, and events of unknown ones: neither sees the other's row.
LOCK_UNKNOWN = "SELECT pg_advisory_xact_lock(hashtext('offers without content'))"


# Called after a commit that withdrew offers; acts register here.
listeners: list[Callable[[Sequence[str]], None]] = []


def announce_withdrawal(references: Sequence[str] = ()) -> None:
    """Notify listeners after commit; their own sweep finds what failed.

    ``references``: empty if they are too many.
    """
    for listener in listeners:
        transaction.on_commit(partial(listener, references), robust=True)


# --- Contents without a sequence, from files and the API ------------------------------

# Bytes of each half of the stored hash: content, then line.
HALF = 16

# Precedence: files and pulls have no sequence, so the later date wins.
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


def by_halves[T](
    items: Sequence[T],
    write: Callable[[Sequence[T]], None],
    refuse: Callable[[T, Error], None],
) -> None:
    """Write all, else each half; ``refuse`` gets each one that PostgreSQL refuses."""
    if not items:
        return
    try:
        write(items)
    except (DataError, IntegrityError) as error:
        if len(items) == 1:
            refuse(items[0], error)
            return
        middle = len(items) // 2
        by_halves(items[:middle], write, refuse)
        by_halves(items[middle:], write, refuse)


def upsert_or_refuse(
    contents: Sequence[tuple[OfferContent, bytes]],
    refuse: Callable[[tuple[OfferContent, bytes], Error], None],
) -> tuple[set[str], set[str]]:
    """Write contents ``by_halves``, return as ``upsert_offers``."""
    created: set[str] = set()
    changed: set[str] = set()

    def write(some: Sequence[tuple[OfferContent, bytes]]) -> None:
        new, others = upsert_offers(some)
        created.update(new)
        changed.update(others)

    by_halves(contents, write, refuse)
    return created, changed


@dataclass(frozen=True, slots=True)
class StoredOffer:
    content_hash: bytes
    line_hash: bytes
    updated_at: datetime
    state: str
    place_source: str
    mode: OfferMode
    mode_at: datetime | None
    mode_is_the_feeds: bool


def known_offers(names: Iterable[str]) -> dict[str, StoredOffer]:
    rows = Offer.objects.filter(pk__in=names).values_list(
        *("reference", "content_hash", "updated_at", "state", "place_source"),
        *("mode_at", "mode_sequence", *MODE_COLUMNS, "mode_declared"),
    )
    known = {}
    for reference, stored_hash, updated_at, state, source, *modes in rows:
        mode_at, mode_sequence, *mode = modes
        hashes = bytes(stored_hash[:HALF]), bytes(stored_hash[HALF:])
        by_feed = mode_sequence is not None
        known[reference] = StoredOffer(
            *hashes, updated_at, state, source, OfferMode(*mode), mode_at, by_feed
        )
    return known


def would_change(known: StoredOffer, updated_at: datetime, mode: OfferMode) -> bool:
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
