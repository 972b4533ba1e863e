"""Names of jobs and the trades that live offers of each name have.

Written each night and after imports, by statements over all offers: some words of their
titles, their appellations, the labels of trades. Everyday words come first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection, transaction

from offers.catalogue.writes import writing_offers
from offers.search.models import JobName

# Names of more words are read by some of their words.
LONGEST_NAME = 6
# Of a name, trades with less of its offers are chance.
LEAST_SHARE = 0.05
MOST_TRADES = 5
# A trade without live offers is known by its label, and loses to any other.
WITHOUT_OFFERS = 0.01

WRITE_NAMES = f"""
DELETE FROM offers_jobname;
INSERT INTO offers_jobname (key, rome_code, offers, share, is_label)
WITH live AS MATERIALIZED (
    SELECT opus_masked(title, hidden) AS title,
        opus_masked(appellation, hidden) AS appellation, rome_label, rome_code,
        count(*) AS offers
    FROM offers_offer,
        LATERAL (SELECT CASE WHEN preselection THEN contacts END AS hidden) AS masked
    WHERE state = 'active' AND rome_code <> ''
    GROUP BY 1, 2, 3, 4
),
texts AS MATERIALIZED (
    SELECT row_number() OVER () AS id, label, rome_code, offers
    FROM (
        SELECT label, rome_code, sum(offers) AS offers
        FROM live, LATERAL (VALUES (title), (appellation)) AS text (label)
        WHERE label <> ''
        GROUP BY label, rome_code
    ) AS named
),
stems AS (
    SELECT id, lexeme AS a,
        lead(lexeme) OVER following AS b, lead(lexeme, 2) OVER following AS c
    FROM texts, unnest(opus_words(label)) AS word (lexeme, positions, weights),
        unnest(positions) AS position
    WHERE lexeme NOT IN ('a', 'f', 'h')
    WINDOW following AS (PARTITION BY id ORDER BY position)
),
grams AS (
    SELECT id, a AS key FROM stems
    UNION SELECT id, least(a COLLATE "C", b) || ' ' || greatest(a COLLATE "C", b)
        FROM stems WHERE b <> a
    UNION SELECT id, (
            SELECT string_agg(stem, ' ' ORDER BY stem COLLATE "C")
            FROM (VALUES (a), (b), (c)) AS three (stem)
        ) FROM stems WHERE a <> b AND b <> c AND a <> c
),
labels AS (
    SELECT opus_name_key(part) AS key, rome_code, sum(offers) AS offers
    FROM (
        SELECT appellation AS label, rome_code, offers FROM live
        UNION ALL SELECT rome_label, rome_code, offers FROM live
        UNION ALL SELECT label, code, {WITHOUT_OFFERS} FROM offers_rome
        UNION ALL SELECT label, rome_code, {WITHOUT_OFFERS} FROM offers_appellation
    ) AS named, regexp_split_to_table(label, '\\s*/\\s*') AS part
    WHERE rome_code <> ''
    GROUP BY 1, 2
),
counted AS (
    SELECT key, rome_code, sum(offers) AS offers, bool_or(is_label) AS is_label
    FROM (
        SELECT key, rome_code, offers, FALSE AS is_label FROM grams
            JOIN texts USING (id)
        UNION ALL SELECT key, rome_code, offers, TRUE FROM labels
    ) AS kinds
    WHERE key <> ''
    GROUP BY key, rome_code
),
shared AS (
    SELECT *, offers / sum(offers) OVER (PARTITION BY key) AS share,
        row_number() OVER (PARTITION BY key ORDER BY offers DESC, rome_code) AS rank
    FROM counted
)
SELECT key, rome_code, least(offers, 2e9)::integer, share, is_label FROM shared
WHERE share >= {LEAST_SHARE} AND rank <= {MOST_TRADES} AND (offers >= 2 OR is_label)
    AND length(key) <= 200;
"""  # noqa: S608 - numbers of this module

# Offers without a code whose name was learned since they were written.
FIND_TRADES = """
UPDATE offers_offersearch AS s SET rome_code = found.code
FROM (
    SELECT reference, opus_trade_of(o) AS code
    FROM offers_offersearch JOIN offers_offer AS o ON reference = offer_id
    WHERE offers_offersearch.rome_code = ''
) AS found
WHERE s.offer_id = found.reference AND found.code <> ''
"""

# Each run of stems of what was typed that is a name, with its trades, best first.
FIND_NAMES = r"""
WITH stems AS (
    SELECT row_number() OVER (ORDER BY at, lexeme) AS n, at, lexeme
    FROM unnest(%s::text[]) WITH ORDINALITY AS typed (word, at),
        unnest(tsvector_to_array(opus_words(word))) AS lexeme
    WHERE lexeme NOT IN ('a', 'f', 'h')
),
runs AS (
    SELECT a.at AS first, b.at AS last, count(DISTINCT c.lexeme) AS stems,
        -- In the collation of the column, whose index serves no other one.
        string_agg(DISTINCT c.lexeme COLLATE "C", ' ') COLLATE "default" AS key
    FROM stems AS a
        JOIN stems AS b ON b.n BETWEEN a.n AND a.n + %s
        JOIN stems AS c ON c.n BETWEEN a.n AND b.n
    GROUP BY a.n, a.at, b.n, b.at
)
SELECT first - 1, last, stems, FALSE, rome_code, offers, share, is_label
FROM runs JOIN offers_jobname USING (key)
UNION ALL
SELECT first - 1, last, stems, TRUE, rome_code, 0, 1.0 / rank, TRUE
FROM runs JOIN offers_everydayword USING (key),
    unnest(trades) WITH ORDINALITY AS trade (rome_code, rank)
UNION ALL
-- Before anything is learned, a label is no town all the same: « maçon ».
SELECT first - 1, last, stems, FALSE, code, 0, 1.0, TRUE
FROM runs JOIN (
    SELECT code, opus_name_key(part) AS key
    FROM offers_rome, regexp_split_to_table(label, '\s*/\s*') AS part
    WHERE NOT EXISTS (SELECT FROM offers_jobname)
) AS labels USING (key)
ORDER BY 1, 2, 4, 7 DESC, 5
"""


class Trade(NamedTuple):
    code: str
    offers: int
    # The part of the offers of this name; whether it is the trade's own name.
    share: float
    is_label: bool


class Name(NamedTuple):
    """A run of typed words, from ``first`` to before ``last``."""

    first: int
    last: int
    # The number of its words that say something.
    stems: int
    is_everyday: bool
    # The likeliest first.
    trades: tuple[Trade, ...]

    @property
    def is_label(self) -> bool:
        return any(trade.is_label for trade in self.trades)

    @property
    def offers(self) -> int:
        return sum(trade.offers for trade in self.trades)


@transaction.atomic
def refresh_names() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(WRITE_NAMES)


def find_trades_of_labels() -> None:
    """Give offers without a code the trade that their label names."""
    with writing_offers({"statement_timeout": "0"}), connection.cursor() as cursor:
        cursor.execute(FIND_TRADES)


def find_names(words: Sequence[str]) -> list[Name]:
    """Return the names of jobs among typed words, in order."""
    if not words:
        return []
    with connection.cursor() as cursor:
        cursor.execute(FIND_NAMES, [list(words), LONGEST_NAME - 1])
        rows = cursor.fetchall()
    runs: dict[tuple[int, int, int, bool], list[Trade]] = {}
    for *run, code, offers, share, is_label in rows:
        trade = Trade(code, offers, share, is_label)
        runs.setdefault((run[0], run[1], run[2], run[3]), []).append(trade)
    return [Name(*run, tuple(trades)) for run, trades in runs.items()]


def live_trades(codes: Sequence[str]) -> set[str]:
    """Return the trades that have live offers, as last learned."""
    rows = JobName.objects.filter(rome_code__in=codes, offers__gt=0)
    return set(rows.values_list("rome_code", flat=True))
