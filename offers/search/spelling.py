"""Propose similar words of live offers, counted, for unknown ones."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

from offers.search.counting import count_each
from offers.search.words import Words

# A longer query is no typing error.
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
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(WRITE_WORDS)


def respell(text: str) -> list[str]:
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
    # Count instead of EXISTS: to find a first row, the planner would walk the table.
    counts = count_each([Words(word).anywhere for word in words])
    return [word for word, offers in zip(words, counts, strict=True) if not offers]


def look_alike(words: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if words:
        with connection.cursor() as cursor:
            cursor.execute(LOOK_ALIKE, [list(words), PROPOSALS])
            for word, label in cursor.fetchall():
                found.setdefault(word, []).append(label)
    return found
