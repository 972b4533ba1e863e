"""A text's words without accent, case or disguise (V2).

No cache contains a typed word.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# Letters of other alphabets that look like ours, capitals included.
LOOKALIKES = str.maketrans(
    "АВЕКМНОРСТУХІЅЈаеорсухіѕјԁһԛԝӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧαεικνορτυχøØłŁđĐıœŒæÆß",
    "abekmhopctyxisjaeopcyxisjdhqwlabezhikmnoptyxaeikvoptuxoollddi\x01\x01\x02\x02\x03",
)
PAIRS = {"\x01": "oe", "\x02": "ae", "\x03": "ss"}
APOSTROPHES = "'’ʼ‘`´′"

WORD = r"[a-z0-9@$](?:[a-z0-9@$|]|!(?=[a-z0-9]))*"
STOP = r"[.;!?\n]+"
# Separated letters: « m a l a d e », « m.a.l.a.d.e ».
SPACED = r"(?<![a-z0-9])(?:[a-z0-9@$][ \t.\-_*/,]{1,3}){3,}[a-z0-9@$](?![a-z0-9])"
# One word with signs inside: « mal-ade », « mal.ade », « mal*ade ».
GLUED = r"(?<![a-z0-9@$'])[a-z0-9@$]+(?:[\-._*][a-z0-9@$]+)+"
TOKENS = re.compile(f"({SPACED})|({WORD})|({STOP})")
CUT = re.compile(GLUED)
APART = re.compile(r"[^a-z0-9@$|!]")

DISGUISES = [
    str.maketrans("013457@$!|", "oieastasil"),
    str.maketrans("013457@$!|", "oleastasll"),
]
DISGUISED = re.compile(r"[0-9@$!|]")
LETTERS = re.compile(r"[a-z]")
RUN = re.compile(r"([a-z])\1{2,}")


@dataclass(frozen=True, slots=True)
class Word:
    """A word; without readings at the end of a sentence."""

    forms: frozenset[str]
    start: int
    end: int


@functools.cache
def _fold(sign: str) -> str:
    """Return a character without accent or case; cached."""
    if sign in APOSTROPHES:
        return "'"
    plain = unicodedata.normalize("NFKD", sign.translate(LOOKALIKES))
    kept = "".join(
        PAIRS.get(one, one)
        for one in plain
        if one in PAIRS
        or one in "\n\r\t"
        or unicodedata.category(one) not in {"Mn", "Cf", "Cc"}
    )
    folded = kept.translate(LOOKALIKES).casefold()
    return "\n" if folded == "\r" else folded


def folded(text: str) -> tuple[str, list[int]]:
    """Return the folded text, and each sign's original place."""
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        for one in _fold(sign):
            signs.append(one)
            places.append(place)
    return "".join(signs), places


def forms_of(token: str) -> frozenset[str]:
    """Return the word without its disguise, like « s1da »."""
    forms = [token]
    if token.isalpha() and not RUN.search(token):
        return frozenset({token})
    if DISGUISED.search(token) and len(LETTERS.findall(token)) >= 2:
        forms += [token.translate(disguise) for disguise in DISGUISES]
    if any(RUN.search(form) for form in forms):
        forms += [RUN.sub(r"\1\1", form) for form in forms] + [
            RUN.sub(r"\1", form) for form in forms
        ]
    return frozenset(forms)


def readings(text: str) -> Iterator[list[Word]]:
    """Yield the words; then those cut by signs."""
    plain, places = folded(text)
    yield [
        _word(found, places, "" if found[3] else found[0])
        for found in TOKENS.finditer(plain)
    ]
    for found in CUT.finditer(plain):
        yield [_word(found, places, found[0])]


def _word(found: re.Match[str], places: list[int], written: str) -> Word:
    start, end = places[found.start()], places[found.end() - 1] + 1
    token = APART.sub("", written)
    return Word(forms_of(token) if token else frozenset(), start, end)
