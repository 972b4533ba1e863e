"""Events that were rejected: kept with their reason, never in the way of others."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from offers.feed.writing import set_all

MAX_RAW_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class Reject:
    """An event set aside, as it came."""

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
    """Keep what was rejected; the same event again is the same row."""
    rows = {row[0]: row for row in map(quarantine_row, rejects)}
    set_all(SET_ASIDE, [rows[fingerprint] for fingerprint in sorted(rows)])


def quarantine_row(reject: Reject) -> tuple[Any, ...]:
    """As PostgreSQL can keep it: JSON whose every odd character is escaped."""
    raw = json.dumps(reject.item)
    item = reject.item if isinstance(reject.item, dict) else {}
    return (
        hashlib.sha256(raw.encode()).hexdigest(),
        raw[:MAX_RAW_CHARACTERS],
        len(raw) > MAX_RAW_CHARACTERS,
        printable(item.get("id"), 200),
        printable(item.get("subject"), 20),
        reject.reason[:300],
    )


def printable(value: Any, limit: int) -> str:
    """A text that any table and page can hold, cut; nothing where it is none."""
    if not isinstance(value, str):
        return ""
    text = value[:limit].encode("utf-8", "replace").decode()
    return "".join(sign for sign in text if sign.isprintable())
