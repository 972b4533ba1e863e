"""Set-based SQL that writes offers whose rows are locked."""

import json
from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from offers.catalogue.writes import (
    COLUMNS,
    CONTENT_COLUMNS,
    MODE_COLUMNS,
    execute,
    new_words_of,
    set_if,
    staged_row,
)
from offers.feed.precedence import Standing
from offers.payload.offer import OfferContent

SOURCES = ("state", "content_sequence", "state_sequence", "mode_sequence")
STAGED = ", ".join((*COLUMNS, *SOURCES))
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
    {", ".join(f"{column} = excluded.{column}" for column in CONTENT_COLUMNS)},
    content_hash = excluded.content_hash,
    {", ".join(set_if(column, DECLARES) for column in MODE_COLUMNS)},
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


def write_standings(standings: Sequence[Standing]) -> None:
    write_contents([one for one in standings if one.content])
    others = [one for one in standings if one.exists and not one.content]
    set_all(SET_STATES, [state_row(one) for one in others])
    set_all(SET_MODES, [mode_row(one) for one in others if one.mode_event])
    without = [one for one in standings if not one.exists and not one.content]
    set_all(KEEP_WITHOUT_CONTENT, [state_row(one) for one in without])


def write_contents(standings: Sequence[Standing]) -> None:
    if not standings:
        return
    rows = [content_row(one.content, one) for one in standings if one.content]
    execute(STAGE)
    # Already empty unless halving; TRUNCATE would create new files each time.
    execute("DELETE FROM staged_events")
    execute(FILL, [json.dumps(rows, default=str)])
    execute(UPSERT)
    execute(KEPT_NO_LONGER)
    for statement in new_words_of("staged_events"):
        execute(statement)


def content_row(content: OfferContent, standing: Standing) -> dict[str, Any]:
    return {
        **staged_row(content, b""),
        "details": content.details,
        "content_hash": f"\\x{content.content_hash.hex()}",
        "state": standing.state.value,
        "content_sequence": standing.content_sequence,
        "state_sequence": standing.state_sequence,
        "mode_sequence": standing.mode_sequence,
    }


def state_row(standing: Standing) -> tuple[Any, ...]:
    sequence = standing.state_sequence
    text = None if sequence is None else str(sequence)
    return standing.reference, standing.state.value, text


def mode_row(standing: Standing) -> tuple[Any, ...]:
    *columns, _ = astuple(standing.mode)  # All but ``is_declared``.
    return standing.reference, *columns, str(standing.mode_sequence)


def set_all(statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run a statement over rows, sent column by column."""
    if rows:
        execute(statement, [list(column) for column in zip(*rows, strict=True)])
