"""Write permission, columns, locks and announcements for all writers.

A trigger refuses writes that do not pass through ``writing_offers`` (art. 7). Order of
locks: unknown offers, then known ones by number.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from functools import partial
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from django.db import connection, transaction
from psycopg import Cursor

from offers.payload.offer import OfferContent, OfferMode
from offers.payload.place import Placement

# The setting that the trigger checks.
PERMISSION = "opus.sync"
NOTHING: Mapping[str, str] = MappingProxyType({})
# After the commit no replica shows a withdrawn offer (design 2.12).
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
