"""What a misspelt word may have meant: words of live offers that look like it.

Only asked where nothing matched, and only of words that no offer has. What is proposed
was counted in that very search just before: a word without a live offer is never told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from offers.models import OfferSearch
from offers.search.counting import cap
from offers.search.words import Words

# A question longer than this is no slip of the finger.
MOST_WORDS = 6
PROPOSALS = 3

WRITE_WORDS = """
DELETE FROM offers_word;
INSERT INTO offers_word (plain, label, uses)
SELECT DISTINCT ON (plain) plain, label, least(sum(uses) OVER (PARTITION BY plain), 2e9)
FROM (
    SELECT opus_plain(label) AS plain, label, uses
    FROM (
        SELECT label, sum(offers) AS uses
        FROM (
            SELECT lower(opus_masked(
                    concat_ws(' ', title, appellation, rome_label),
                    CASE WHEN preselection THEN contacts END)) AS names,
                count(*) AS offers
            FROM offers_offer WHERE state = 'active' GROUP BY 1
        ) AS named, regexp_split_to_table(names, '[^[:alpha:]]+') AS label
        GROUP BY 1
    ) AS counted
) AS spelled
WHERE plain ~ '^[a-z]{4,40}$' AND length(label) <= 40
-- With its accents, unless hardly anybody writes them.
ORDER BY plain, uses * CASE WHEN label = plain THEN 1 ELSE 10 END DESC, label;
"""

LOOK_ALIKE = """
SELECT asked.word, near.label
FROM unnest(%s::text[]) WITH ORDINALITY AS asked (word, rank), LATERAL (
    SELECT label, similarity(plain, opus_plain(asked.word)) AS alike, uses
    FROM offers_word
    WHERE plain %% opus_plain(asked.word) AND plain <> opus_plain(asked.word)
    ORDER BY alike DESC, uses DESC, plain LIMIT %s
) AS near
ORDER BY asked.rank, near.alike DESC, near.uses DESC
"""


@transaction.atomic
def refresh_words() -> None:
    """Write the words of the live offers anew; searches see the old ones meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(WRITE_WORDS)


def respell(text: str) -> list[str]:
    """The same question with its unknown words as they may have been meant."""
    words = text.split()
    if len(words) > MOST_WORDS:
        return []
    meant = look_alike(unknown(words))
    if not meant:
        return []
    best = {word: labels[0] for word, labels in meant.items()}
    texts = [
        " ".join({**best, word: label}.get(each, each) for each in words)
        for word, labels in meant.items()
        for label in labels
    ]
    return list(dict.fromkeys(texts))[:PROPOSALS]


def unknown(words: Sequence[str]) -> list[str]:
    """Those that no live offer has."""
    parts: list[str] = []
    params: list[Any] = []
    for word in words:
        # Counted, not asked whether one exists: for the sake of a first one the planner
        # would walk the table.
        rows = OfferSearch.objects.filter(Words(word).anywhere).order_by()
        sql, sql_params = rows.values_list("pk")[: cap() + 1].query.sql_with_params()
        parts.append(f"(SELECT count(*) > 0 FROM ({sql}) AS found)")  # noqa: S608
        params += sql_params
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        return [
            word
            for word, is_known in zip(words, cursor.fetchone(), strict=True)
            if not is_known
        ]


def look_alike(words: Sequence[str]) -> dict[str, list[str]]:
    """Words of live offers that look like these, the closest first."""
    found: dict[str, list[str]] = {}
    if words:
        with connection.cursor() as cursor:
            cursor.execute(LOOK_ALIKE, [list(words), PROPOSALS])
            for word, label in cursor.fetchall():
                found.setdefault(word, []).append(label)
    return found
