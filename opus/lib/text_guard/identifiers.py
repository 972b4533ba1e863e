"""Identifiers of persons: NIR, IBAN, telephone, e-mail (V6)."""

import re
import unicodedata
from collections.abc import Iterator

from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import iban
from stdnum.fr import nir

from opus.lib.text_guard.categories import Category

Span = tuple[int, int]

APART = r"[ .\-/_]{0,2}"
NIR = re.compile(
    rf"(?<![0-9])[1-478]{APART}[0-9]{{2}}{APART}(?:0[1-9]|1[0-2]|[2-9][0-9]){APART}"
    rf"(?:[0-9]{{2}}|2[ABab]){APART}[0-9]{{3}}{APART}[0-9]{{3}}"
    rf"(?:{APART}[0-9]{{2}})?(?![0-9])"
)
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?:[ .\-]?[A-Za-z0-9]){11,30}")
ENDS_OF_GROUPS = re.compile(r"[A-Za-z0-9](?![A-Za-z0-9])")
FT_ID = re.compile(r"(?<![0-9A-Za-z])(?:[0-9]{7}[0-9A-Za-z]|[0-9]{11})(?![0-9A-Za-z])")
DAY = r"(?:0[1-9]|[12][0-9]|3[01])"
MONTH = r"(?:0[1-9]|1[0-2])"
DATE = re.compile(
    rf"{DAY}[ ./-]?{MONTH}[ ./-]?(?:19|20)[0-9]{{2}}|(?:19|20)[0-9]{{2}}{MONTH}{DAY}"
)
FILE_NAME = re.compile(
    r"\S{1,120}\.(?:pdf|docx?|odt|ods|xlsx?|csv|jpe?g|png|txt|zip|jsonl?|html?|log)\b",
    re.IGNORECASE,
)
# At most 64 before the at sign: else a long row is read from each start.
EMAIL = re.compile(
    r"[\w.+\-]{1,64} ?(?:@|[(\[](?:at|a|arobase)[)\]]| arobase ) ?"
    r"[\w\-]+(?: ?(?:\.|[(\[](?:point|dot)[)\]]| point ) ?[\w\-]+)*"
    r" ?(?:\.|[(\[](?:point|dot)[)\]]| point ) ?[a-z]{2,}",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[tuple[Category, Span]]:
    # In ASCII signs, at the same length.
    plain = text if text.isascii() else "".join(map(_plain, text))
    names = [range(*found.span()) for found in FILE_NAME.finditer(plain)]
    for found in NIR.finditer(plain):
        if is_nir(found[0]):
            yield Category.NIR, found.span()
    for found in IBAN.finditer(plain):
        if end := end_of_iban(found[0]):
            yield Category.IBAN, (found.start(), found.start() + end)
    for start, end in phones(plain):
        if not any(start in name for name in names):
            yield Category.PHONE, (start, end)
    for found in FT_ID.finditer(plain):
        is_in_name = any(found.start() in name for name in names)
        if not is_in_name and not DATE.fullmatch(found[0]):
            yield Category.FT_ID, found.span()
    for found in EMAIL.finditer(plain):
        yield Category.EMAIL, found.span()


def _plain(sign: str) -> str:
    plain = unicodedata.normalize("NFKC", sign)
    if sign.isspace() or unicodedata.category(sign) == "Cf":
        return "\n" if sign == "\n" else " "
    if len(plain) != 1:
        return sign
    if plain.isdecimal():
        return str(unicodedata.decimal(plain))
    return "-" if unicodedata.category(plain) == "Pd" else plain


def is_nir(written: str) -> bool:
    """Return whether the key is right; 13 characters lack it."""
    number = re.sub(r"[^0-9ABab]", "", written).upper()
    if len(number) == 13 and number[0] in "12":
        number += nir.calc_check_digits(number)
    return bool(nir.is_valid(number))


def end_of_iban(written: str) -> int:
    """Return the end of the IBAN, 0 without one."""
    for found in ENDS_OF_GROUPS.finditer(written):
        number = re.sub(r"[ .\-]", "", written[: found.end()])
        if iban.is_valid(number, check_country=False):
            return found.end()
    return 0


def phones(text: str) -> Iterator[Span]:
    """Yield telephone numbers of France, or with a country code."""
    plain = text.replace("/", ".")
    # Numbers that can exist, not only known ones: series open each year.
    for match in PhoneNumberMatcher(plain, "FR", leniency=Leniency.POSSIBLE):
        digits = match.raw_string.lstrip("( ")
        is_french = match.number.country_code == 33
        is_whole = not is_french or len(str(match.number.national_number)) == 9
        if digits[0] in "0+" and is_whole and not DATE.search(digits):
            yield match.start, match.end
