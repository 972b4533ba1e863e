"""Typed words: what is a condition, a distance, misspelt, the name of a job.

The words and the names of jobs of live offers are learned each night and after imports.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.db import connection, transaction

from offers.catalogue.writes import writing_offers
from offers.search.conditions import Words, select
from offers.search.sql import cap, count_first
from opus.lib.french import edit_distance, plain

DATA = Path(__file__).resolve().parent / "data"
SEPARATORS = re.compile(r"[\s,;()«»“”\"]+")
ELISION = re.compile(r"((?:qu|[dljnsmtc])['’ʼ´`])(?=\w)", re.IGNORECASE)
LONGEST_PHRASE = 5


class Token(NamedTuple):
    """A typed word; ``at``: its place among all of them."""

    at: int
    text: str
    plain: str


def split(text: str) -> list[Token]:
    """Return the words of a text, elisions apart: « d’ », « équipe »."""
    parts = SEPARATORS.split(ELISION.sub(r" \1 ", text))
    return [Token(at, part, plain(part)) for at, part in enumerate(filter(None, parts))]


def join(tokens: Iterable[Token]) -> str:
    text = " ".join(token.text for token in tokens)
    return re.sub(r"(?<=['’ʼ´`]) ", "", text)


def joined(tokens: Sequence[Token]) -> str:
    return " ".join(token.plain for token in tokens if token.plain)


@cache
def phrases() -> dict[str, tuple[str, str]]:
    """Return conditions (parameter, value) and fillers (no parameter) by plain text."""
    with (DATA / "phrases.csv").open(encoding="utf-8") as file:
        return {
            row["phrase"]: (row["parameter"], row["value"])
            for row in csv.DictReader(file)
        }


def runs(tokens: Sequence[Token], longest: int) -> Iterator[tuple[int, int]]:
    """Return (first, after the last) of each run, the longest first."""
    for first in range(len(tokens)):
        for last in range(min(len(tokens), first + longest), first, -1):
            yield first, last


def read_conditions(
    tokens: Sequence[Token], names: Collection[frozenset[int]]
) -> tuple[list[Token], dict[str, list[str]]]:
    """Return the other words, and the values by parameter.

    A phrase within the name of a job is a part of it: « veilleur de nuit ».
    """
    taken: set[int] = set()
    values: dict[str, list[str]] = {}
    for first, last in runs(tokens, LONGEST_PHRASE):
        places = {token.at for token in tokens[first:last]}
        parameter, value = phrases().get(joined(tokens[first:last]), ("", ""))
        if not parameter or places & taken:
            continue
        if any(places < name for name in names):
            continue
        taken |= places
        values.setdefault(parameter, []).append(value)
    return [token for token in tokens if token.at not in taken], values


def strip_fillers(
    tokens: Sequence[Token], names: Collection[frozenset[int]] = ()
) -> list[Token]:
    """Return the words without what says nothing at both ends.

    The last letter counts: « permis D ».
    """
    kept = list(tokens)
    while kept and (count := filler_at(kept, 0, names)):
        del kept[:count]
    while kept and (count := filler_at(kept[::-1], 1, names)):
        del kept[-count:]
    return kept


def filler_at(
    tokens: Sequence[Token], is_end: int, names: Collection[frozenset[int]]
) -> int:
    """Return how many of the first words say nothing together."""
    if any(tokens[0].at in name for name in names):
        return 0
    for count in range(min(4, len(tokens)), 0, -1):
        some = tokens[:count][::-1] if is_end else tokens[:count]
        text = joined(some)
        if not text and not any(map(str.isalnum, some[0].text)):
            return count
        found = phrases().get(text)
        is_letter = is_end and len(text) == 1 and text != "a"
        if found and not found[0] and not is_letter:
            return count
    return 0


ARTICLES = frozenset(["de", "d", "du", "des", "le", "la", "l", "les"])
KM = re.compile(r"(\d{1,3})\s*(?:km|kms|kilometres?)")


def read_radius(tokens: Sequence[Token]) -> tuple[list[Token], int | None]:
    """Return the words without a distance in km, and it."""
    for first in range(len(tokens)):
        for last in (first + 1, first + 2):
            if found := KM.fullmatch(joined(tokens[first:last])):
                before = first
                words = {"a", "moins", "de", "dans", "un", "rayon", "jusqu"}
                while before and tokens[before - 1].plain in words:
                    before -= 1
                return [*tokens[:before], *announced(tokens[last:])], int(found[1])
    return list(tokens), None


def announced(tokens: Sequence[Token]) -> list[Token]:
    """Return the words after « 20 km », the first of them « à »."""
    rest = list(tokens)
    while rest and rest[0].plain in {"autour", *ARTICLES} and len(rest) > 1:
        if rest[0].plain in {"le", "la", "l", "les"}:
            break
        rest.pop(0)
    return [Token(rest[0].at - 1, "à", "a"), *rest] if rest else rest


# A word is corrected if the other one is in so many times as many live offers.
TIMES = 10
# A longer query is no typing error.
MOST_WORDS = 6
SHORTEST = 4
# One letter below that length, two beyond.
LONG = 6
NEAR = 5
# Two letters apart, they are this alike.
ALIKE = 0.45
# What makes a feminine, a plural or a doer: no spelling error.
ENDING = re.compile(
    r"(euses?|eurs?|rices?|ieres?|iers?|iennes?|iens?|ives?|ifs?|elles?|els?|ales?|aux"
    r"|ees?|es?|s|x|ages?|ments?|ions?)$"
)

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
SELECT typed.word, near.plain, near.label, near.uses
FROM unnest(%s::text[]) WITH ORDINALITY AS typed (word, rank), LATERAL (
    SELECT plain, label, uses
    FROM offers_word
    WHERE plain %% typed.word AND plain <> typed.word
        AND NOT EXISTS (SELECT FROM offers_word WHERE plain = typed.word AND uses > %s)
    ORDER BY similarity(plain, typed.word) DESC, uses DESC, plain LIMIT %s
) AS near
ORDER BY typed.rank, near.uses DESC, near.plain
"""
# A word of the names of so many live offers is right.
SURELY_RIGHT = 50


class Near(NamedTuple):
    plain: str
    label: str
    uses: int


@transaction.atomic
def refresh_words() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(WRITE_WORDS)


def correct(tokens: Sequence[Token], known: Collection[int]) -> list[Token]:
    """Return the words, misspelt ones replaced.

    ``known``: the places of words that need no look.
    """
    doubtful = {
        token.plain: token
        for token in tokens
        if token.at not in known and re.fullmatch(r"[a-z]{4,40}", token.plain)
    }
    if not doubtful or len(doubtful) > MOST_WORDS:
        return list(tokens)
    meant = better(list(doubtful), look_alike(list(doubtful)))
    return [
        token._replace(text=meant[token.plain].label, plain=meant[token.plain].plain)
        if token.plain in meant and token.at not in known
        else token
        for token in tokens
    ]


def respell(text: str) -> list[str]:
    """Return the text corrected, if it has a misspelt word."""
    tokens = split(text)
    words = correct(tokens, ())
    return [join(words)] if words != tokens else []


def better(words: Sequence[str], found: dict[str, list[Near]]) -> dict[str, Near]:
    """Return the other word where it is in ten times as many offers.

    Nothing if another word is in no offer: two unknown words are no spelling error.
    """
    best = {
        word: min(near, key=lambda one: (edit_distance(word, one.plain), -one.uses))
        for word, near in found.items()
    }
    if not best:
        return {}
    own = dict(zip(words, count_words(words, cap() + 1), strict=True))
    # As few as the comparison needs: mostly one.
    most = max(1, TIMES * max(own.values()))
    texts = [near.plain for near in best.values()]
    others = dict(zip(best, count_words(texts, most), strict=True))
    meant = {
        word: near
        for word, near in best.items()
        if others[word] and others[word] >= TIMES * own[word]
    }
    return meant if all(own[word] or word in meant for word in words) else {}


def count_words(words: Sequence[str], most: int) -> Sequence[int]:
    return count_first([Words(word).anywhere for word in words], most)


def look_alike(words: Sequence[str]) -> dict[str, list[Near]]:
    """Return by plain word those that differ by a letter or two."""
    found: dict[str, list[Near]] = {}
    for word, *other in select(LOOK_ALIKE, [list(words), SURELY_RIGHT, NEAR]):
        near = Near(*other)
        if is_misspelt(word, near.plain):
            found.setdefault(word, []).append(near)
    return found


def is_misspelt(word: str, other: str) -> bool:
    """Return whether they differ by a letter or two, not by an ending."""
    is_same_stem = ENDING.sub("", word) == ENDING.sub("", other)
    return not is_same_stem and misspelling(word, other) is not None


def misspelling(typed: str, other: str) -> int | None:
    """Return how many letters differ, if few do.

    People seldom mistake the first letter.
    """
    most = 1 if len(typed) < LONG else 2
    if typed[0] != other[0] or abs(len(typed) - len(other)) > most:
        return None
    far = edit_distance(typed, other)
    is_near = far == 1 or far <= most and likeness(typed, other) >= ALIKE
    return far if far and is_near else None


def likeness(a: str, b: str) -> float:
    """Return from 0 to 1 how many trigrams are in both, as ``similarity``."""
    one, other = trigrams(a), trigrams(b)
    return len(one & other) / len(one | other)


def trigrams(text: str) -> set[str]:
    padded = [f"  {word} " for word in text.split()]
    return {word[at : at + 3] for word in padded for at in range(len(word) - 2)}


def respellings(words: str, typed: str) -> list[tuple[str, str]]:
    """Return (typed word, corrected word) of a search that was read."""
    before, after = plain(typed).split(), plain(words).split()
    lost = [word for word in before if word not in after]
    pairs = []
    for word in after:
        if word in before:
            continue
        near = [other for other in lost if is_misspelt(other, word)]
        if near:
            pairs.append((min(near, key=lambda one: edit_distance(one, word)), word))
    return pairs


def words_as_typed(words: str, typed: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Return the words with the spelling that was typed."""
    before = {token.plain: token.text for token in split(typed)}
    meant = {after: before.get(word, word) for word, after in pairs}
    tokens = split(words)
    return join(
        token._replace(text=meant.get(token.plain, token.text)) for token in tokens
    )


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


def find_names(words: Sequence[str]) -> list[Name]:
    """Return the names of jobs among typed words, in order."""
    if not words:
        return []
    runs: dict[tuple[int, int, int, bool], list[Trade]] = {}
    found = select(FIND_NAMES, [list(words), LONGEST_NAME - 1])
    for *run, code, offers, share, is_label in found:
        trade = Trade(code, offers, share, is_label)
        runs.setdefault((run[0], run[1], run[2], run[3]), []).append(trade)
    return [Name(*run, tuple(trades)) for run, trades in runs.items()]


def refresh_search() -> None:
    refresh_words()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(WRITE_NAMES)
    with writing_offers({"statement_timeout": "0"}), connection.cursor() as cursor:
        cursor.execute(FIND_TRADES)
