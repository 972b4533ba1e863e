"""Correct words by those of live offers."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db import connection, transaction

from offers.reference.communes_in_memory import plain
from offers.search.counting import cap, count_first
from offers.search.phrases import Token, join, split
from offers.search.words import Words

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
SELECT typed.word, near.plain, near.label, near.uses, near.alike
FROM unnest(%s::text[]) WITH ORDINALITY AS typed (word, rank), LATERAL (
    SELECT plain, label, similarity(plain, typed.word) AS alike, uses
    FROM offers_word
    WHERE plain %% typed.word AND plain <> typed.word
        AND NOT EXISTS (SELECT FROM offers_word WHERE plain = typed.word AND uses > %s)
    ORDER BY alike DESC, uses DESC, plain LIMIT %s
) AS near
ORDER BY typed.rank, near.uses DESC, near.plain
"""
# A word of the names of so many live offers is right.
SURELY_RIGHT = 50


class Near(NamedTuple):
    plain: str
    label: str
    uses: int
    # From 0 to 1, by trigrams.
    alike: float


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
        word: min(near, key=lambda one: (distance(word, one.plain), -one.uses))
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
    if words:
        with connection.cursor() as cursor:
            cursor.execute(LOOK_ALIKE, [list(words), SURELY_RIGHT, NEAR])
            for word, *other in cursor.fetchall():
                near = Near(*other)
                if is_misspelt(word, near.plain) and (
                    near.alike >= ALIKE or distance(word, near.plain) == 1
                ):
                    found.setdefault(word, []).append(near)
    return found


def is_misspelt(word: str, other: str) -> bool:
    """Return whether they differ by a letter or two, not by an ending.

    People seldom mistake the first letter.
    """
    most = 1 if len(word) < LONG else 2
    return (
        word[0] == other[0]
        and ENDING.sub("", word) != ENDING.sub("", other)
        and distance(word, other) <= most
    )


def distance(a: str, b: str) -> int:
    """Return how many letters differ; two swapped count once."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        earlier, before, row = before, row, [i]
        for j, other in enumerate(b, 1):
            cost = min(row[-1], before[j]) + 1
            cost = min(cost, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]


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
            pairs.append((min(near, key=lambda one: distance(one, word)), word))
    return pairs


def words_as_typed(words: str, typed: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Return the words with the spelling that was typed."""
    before = {token.plain: token.text for token in split(typed)}
    meant = {after: before.get(word, word) for word, after in pairs}
    tokens = split(words)
    return join(
        token._replace(text=meant.get(token.plain, token.text)) for token in tokens
    )
