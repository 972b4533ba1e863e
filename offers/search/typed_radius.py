"""How far from a place, as typed: « à moins de 20 km de Vannes »."""

from __future__ import annotations

import re
from collections.abc import Sequence

from offers.search.phrases import Token, joined

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
