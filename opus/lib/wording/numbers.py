"""What identifies somebody wherever it stands: NIR, IBAN, telephone, e-mail (V6)."""

import re
import unicodedata
from collections.abc import Iterator

from opus.lib.wording.families import Family

Span = tuple[int, int]

APART = r"[ \u00a0\u202f.\-/_]{0,2}"
NIR = re.compile(
    rf"(?<![0-9])[1-478]{APART}\d{{2}}{APART}(?:0[1-9]|1[0-2]|[2-9]\d){APART}"
    rf"(?:\d{{2}}|2[ABab]){APART}\d{{3}}{APART}\d{{3}}(?:{APART}(\d{{2}}))?(?!\d)"
)
PHONE = re.compile(
    r"(?<![0-9])(?:(?:\+|00)[ .\-]?(?:33|262|269|508|590|594|596|681|687|689)"
    rf"{APART}(?:\(0\))?{APART}0?|0)[1-9](?:{APART}\d{{2}}){{4}}(?!\d)"
)
PHONE_BY_THREE = re.compile(
    rf"(?<![0-9])0[1-9]\d{{2}}{APART}\d{{3}}{APART}\d{{3}}(?!\d)"
)
# Digit by digit: « 0 6 3 9 … ».
PHONE_BY_ONE = re.compile(rf"(?<![0-9])0{APART}[1-9](?:{APART}\d){{8}}(?!{APART}\d)")
# In words, or half of them: « zéro six 39 98 … ».
SPELT = (
    r"(?:\d\d?|z[eé]ro|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze"
    r"|treize|quatorze|quinze|seize|vingts?|trente|quarante|cinquante|soixante|et)"
)
# A mobile's first digit may be said without its zero: « le six trente-neuf … ».
PHONE_IN_WORDS = re.compile(
    rf"(?<!\w)(?:z[eé]ro[ ,.\-]{{1,2}}{SPELT}|(?:six|sept)[ ,.\-]{{1,2}}{SPELT})"
    rf"(?:[ ,.\-]{{1,2}}{SPELT}){{4,}}(?!\w)",
    re.IGNORECASE,
)
FT_ID = re.compile(r"(?<![0-9A-Za-z])(?:\d{7}[0-9A-Z]|\d{11})(?![0-9A-Za-z])")
# Before the sign at, 64 at most: each start of a long row would read it to its end.
EMAIL = re.compile(
    r"[\w.+\-]{1,64} ?"
    r"(?:@|\(at\)|\[at\]|\(a\)| at | arobase | chez (?=[\w\-]+ point )) ?"
    r"[\w\-]+(?: ?(?:\.|\(point\)|\[point\]| point | dot ) ?[\w\-]+)*"
    r" ?(?:\.|\(point\)|\[point\]| point | dot ) ?[a-z]{2,}",
    re.IGNORECASE,
)
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[ .\-]?\d{2}")
DRESSED = re.compile(r"[^\x00-\x7f]")
# How long it is, by country: those that a French bank's customer meets.
IBAN_LENGTHS = {
    "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18,
    "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28,
    "IE": 22, "IT": 27, "LT": 20, "LU": 20, "LV": 21, "MA": 28, "MC": 27, "MT": 31,
    "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24,
    "TN": 24, "TR": 26,
}  # fmt: skip


def find(text: str) -> Iterator[tuple[Family, Span]]:
    """Each number or address of somebody, and where it stands."""
    plain = digits(text)
    for found in NIR.finditer(plain):
        if is_nir(found[0]):
            yield Family.NIR, found.span()
    for pattern in (PHONE, PHONE_BY_THREE, PHONE_BY_ONE, PHONE_IN_WORDS):
        for found in pattern.finditer(plain):
            yield Family.PHONE, found.span()
    for found in FT_ID.finditer(plain):
        yield Family.FT_ID, found.span()
    for found in EMAIL.finditer(plain):
        yield Family.EMAIL, found.span()
    for found in IBAN.finditer(plain):
        if end := end_of_iban(plain, found.start()):
            yield Family.IBAN, (found.start(), end)


def digits(text: str) -> str:
    """The same text, sign for sign: each digit and sign in its plain form."""
    if text.isascii():
        return text
    return DRESSED.sub(lambda found: _plain(found[0]), text)


def _plain(sign: str) -> str:
    plain = unicodedata.normalize("NFKC", sign)
    if len(plain) != 1 or unicodedata.category(plain) == "Cf":
        return " " if len(plain) == 1 else sign
    if plain.isdecimal():
        return str(unicodedata.decimal(plain))
    return "-" if unicodedata.category(plain) == "Pd" else plain


def is_nir(written: str) -> bool:
    """Whether the key is right, where there is one; thirteen signs have none."""
    number = re.sub(r"[^0-9ABab]", "", written).upper()
    if len(number) == 13:
        return True
    body, key = number[:13], int(number[13:])
    # Corsica counts as 19 and 18 in the sum.
    body = body.replace("2A", "19").replace("2B", "18")
    return body.isdecimal() and key == 97 - int(body) % 97


def end_of_iban(text: str, start: int) -> int:
    """Where the IBAN that begins there ends; 0 where its sum is wrong."""
    length = IBAN_LENGTHS.get(text[start : start + 2].upper())
    if length is None:
        return 0
    number, at = "", start
    while at < len(text) and len(number) < length:
        sign = text[at]
        if sign.isascii() and sign.isalnum():
            number += sign.upper()
        elif sign not in " \u00a0\u202f.-":
            return 0
        at += 1
    if len(number) < length or text[at : at + 1].isalnum():
        return 0
    turned = number[4:] + number[:4]
    return at if int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1 else 0
