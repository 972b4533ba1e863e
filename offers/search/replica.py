"""The search statement on a replica that has all that the primary has (ADR 26)."""

import logging
import time
from typing import Any

from django.db import Error, connection, connections
from prometheus_client import Counter

from opus.lib.database.bounded.base import waits_at_most

logger = logging.getLogger(__name__)

ALIAS = "search"
# What a page waits for it in all, in seconds, and for how long it is then left alone.
PATIENCE = 2
TRIED_AGAIN_AFTER = 15
# An acknowledged withdrawal is on the primary's disk (SEEN_AT_ONCE), and what was only
# inserted may be a counter that nobody waits for.
ON_DISK = "SELECT pg_current_wal_flush_lsn()::text"
# A statement of its own: the snapshot of what follows is younger.
HAS_ALL = "SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= %s::pg_lsn"

ANSWERS = Counter(
    "opus_search_statements",
    "Search statements by the server that answered.",
    ["server"],
    registry=None,  # Read from the files of all processes.
)
_is_away_until = 0.0


def fetch_row(statement: str, params: list[Any]) -> tuple[Any, ...]:
    """Return the only row: the replica's, or the primary's."""
    row = of_replica(statement, params) if is_tried() else None
    ANSWERS.labels("primary" if row is None else "replica").inc()
    if row is not None:
        return row
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        (only,) = cursor.fetchall()
        return tuple(only)


def is_tried() -> bool:
    return ALIAS in connections.settings and time.monotonic() >= _is_away_until


def of_replica(statement: str, params: list[Any]) -> tuple[Any, ...] | None:
    """Return the row; None: the replica is away, late, or a replica no longer."""
    global _is_away_until
    with connection.cursor() as cursor:
        cursor.execute(ON_DISK)
        [position] = cursor.fetchone()
    replica = connections[ALIAS]
    try:
        with waits_at_most(PATIENCE), replica.cursor() as cursor:
            cursor.execute(HAS_ALL, [position])
            [has_all] = cursor.fetchone()
            if not has_all:
                return None
            cursor.execute(statement, params)
            (only,) = cursor.fetchall()
            return tuple(only)
    except Error as error:
        _is_away_until = time.monotonic() + TRIED_AGAIN_AFTER
        replica.close()
        kind = type(error).__name__
        logger.warning("Replica away: searches go to the primary (%s).", kind)
        return None
