import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from offers.feed.writing import set_all
from offers.payload.parts import printable

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
    rows = {row[0]: row for row in map(quarantine_row, rejects)}
    set_all(SET_ASIDE, [rows[fingerprint] for fingerprint in sorted(rows)])


def quarantine_row(reject: Reject) -> tuple[Any, ...]:
    """Return the row; odd characters are escaped in its JSON."""
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
