"""Find what article 9.1 forbids in a text (V2, V6).

Words are read without accent, case or disguise; no cache contains a typed word.
Identifiers of persons (NIR, IBAN, telephone, e-mail) are found by their keys.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, product

from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import iban
from stdnum.fr import nir

from opus.lib.french import unaccented
from opus.lib.text_guard.rules import NO_FORM, RULES, SUBJECTS, Category

# Letters of other alphabets that look like ours, capitals included.
LOOKALIKES = str.maketrans(
    "АВЕКМНОРСТУХІЅЈаеорсухіѕјԁһԛԝӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧαεικνορτυχøØłŁđĐı",
    "abekmhopctyxisjaeopcyxisjdhqwlabezhikmnoptyxaeikvoptuxoollddi",
)
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
    letters = unicodedata.normalize("NFKD", sign).translate(LOOKALIKES)
    kept = "".join(
        one
        for one in unaccented(letters)
        if one in "\n\r\t" or unicodedata.category(one) not in {"Mn", "Cf", "Cc"}
    )
    return "\n" if kept == "\r" else kept


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


Span = tuple[int, int]

SPACING = r"[ .\-/_]{0,2}"
NIR = re.compile(
    rf"(?<![0-9])[1-478]{SPACING}[0-9]{{2}}{SPACING}(?:0[1-9]|1[0-2]|[2-9][0-9]){SPACING}"
    rf"(?:[0-9]{{2}}|2[ABab]){SPACING}[0-9]{{3}}{SPACING}[0-9]{{3}}"
    rf"(?:{SPACING}[0-9]{{2}})?(?![0-9])"
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


def find_identifiers(text: str) -> Iterator[tuple[Category, Span]]:
    # In ASCII signs, at the same length.
    plain = text if text.isascii() else "".join(map(_plain, text))
    names = [range(*found.span()) for found in FILE_NAME.finditer(plain)]
    for found in NIR.finditer(plain):
        number = re.sub(r"[^0-9ABab]", "", found[0]).upper()
        # 13 characters lack the key.
        if len(number) == 13 and number[0] in "12":
            number += nir.calc_check_digits(number)
        if nir.is_valid(number):
            yield Category.NIR, found.span()
    for found in IBAN.finditer(plain):
        for group in ENDS_OF_GROUPS.finditer(found[0]):
            number = re.sub(r"[ .\-]", "", found[0][: group.end()])
            if iban.is_valid(number, check_country=False):
                yield Category.IBAN, (found.start(), found.start() + group.end())
                break
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


STREETS = RULES.forbidden.sets["<rue>"]
# Characters that join the words of a name.
JOINTS = RULES.forbidden.sets["<lien>"]
CHURCHES = RULES.forbidden.sets["<culte>"]
MOST_WORDS = 5
# A street is hardly named so by its second word: the words are about a person.
OF_A_PERSON = {Category.HEALTH, Category.HARDSHIP, Category.SEXUAL}
COMMUNES = RULES.forbidden.sets["<commune>"]
# « 71440 Juif », « Juif (71) ».
POSTCODE = re.compile(r"(?<!\d)\d{5}[ \u00a0–-]+\Z")
DEPARTMENT = re.compile(r" \((?:\d{2,3}|2[AB])\)")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A category and its span in the text."""

    start: int
    end: int
    category: Category


def look(text: str) -> list[Finding]:
    found = {Finding(start, end, name) for name, (start, end) in find_identifiers(text)}
    whole, *cut = readings(text)
    for is_in_sentence, words in groupby(whole, key=lambda word: bool(word.forms)):
        if is_in_sentence:
            found |= _ruled(text, list(words), may_err=True)
    for parts in cut:
        found |= _ruled(text, parts, may_err=False)
    return sorted(found)


# Before a surname: nothing, a particle, or the other half of a double name.
BEFORE_SURNAME = re.compile(
    r"(?:^|\b(?:de|du|des|la|le|les|d|l)[ '’]|-)$", re.IGNORECASE
)


def look_in_name(name: str) -> list[Finding]:
    """Check a person's name, which may equal a forbidden word: « Le Gay »."""
    (words, *_) = readings(name)
    borne = {
        (word.start, word.end)
        for word in words
        if RULES.surnames.intersection(word.forms)
        and BEFORE_SURNAME.search(name[: word.start])
        and name[word.end :][:1] in {"", "-"}
    }
    return [one for one in look(name) if (one.start, one.end) not in borne]


def _ruled(text: str, words: Sequence[Word], *, may_err: bool) -> set[Finding]:
    """Return the findings that no vocabulary of a trade explains."""
    written = [word.forms for word in words]
    meant = [forms.union(*map(RULES.spelling.meant, forms)) for forms in written]
    forms = meant if may_err else written
    matches = list(RULES.forbidden.find(forms))
    if not matches:
        return set()
    spent = _spent(text, words)
    found = set()
    for category in {category for category, _, _ in matches if category}:
        excused = spent.get(None, set()) | spent.get(category, set())
        left = [NO_FORM if at in excused else form for at, form in enumerate(forms)]
        found |= {
            Finding(words[first].start, words[last].end, category)
            for name, first, last in RULES.forbidden.find(left)
            if name == category
        }
    return found


def _spent(text: str, words: Sequence[Word]) -> dict[Category | None, set[int]]:
    """Return the places of explained words, by category."""
    # Communes with their postcode or department.
    communes = {
        at
        for at, word in enumerate(words)
        if not COMMUNES.isdisjoint(word.forms)
        if POSTCODE.search(text, max(word.start - 10, 0), word.start)
        or DEPARTMENT.match(text, word.end)
    }
    spent: dict[Category | None, set[int]] = {None: communes}
    for place, named in street_words(text, words):
        for subject in {*SUBJECTS} - (OF_A_PERSON if named > 1 else set()):
            spent.setdefault(subject, set()).add(place)
    for category, first, last in RULES.passes.find([word.forms for word in words]):
        spent.setdefault(category, set()).update(range(first, last + 1))
    return spent


def street_words(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Yield the places of a street name's words, numbered (V3).

    A name continues while words have a capital; else it is one word. It ends at a sign
    or digit: « 12 rue des Lilas, alcoolique » has two. It ends at a word all in
    capitals, too: « 12 rue des Lilas RQTH ».
    """
    for at, word in enumerate(words):
        if STREETS.isdisjoint(word.forms):
            continue
        # A number precedes, or a capital follows.
        before = words[at - 1].forms if at else frozenset({""})
        follows = (_written(text, word) for word in words[at + 1 : at + 1 + MOST_WORDS])
        name = next((one for one in follows if one.casefold() not in JOINTS), "")
        is_numbered = any(f[:1].isdigit() or f in {"bis", "ter"} for f in before)
        if is_numbered or name[:1].isupper():
            yield from _name(text, words, at)


def _name(text: str, words: Sequence[Word], at: int) -> Iterator[tuple[int, int]]:
    is_all_capitals = _written(text, words[at]).isupper()
    named = 0
    for place in range(at + 1, min(at + 1 + 2 * MOST_WORDS, len(words))):
        apart = text[words[place - 1].end : words[place].start]
        if apart.strip(" \u00a0'’-") or named == MOST_WORDS:
            return
        written = _written(text, words[place])
        if not JOINTS.isdisjoint(words[place].forms):
            continue
        is_named = written[:1].isupper() and not (is_all_capitals or written.isupper())
        pairs = product(words[place - 1].forms, words[place].forms)
        is_church = not CHURCHES.isdisjoint(map("-".join, pairs))
        if named and not is_named and not is_church:
            return
        named += 1
        yield place, named


def _written(text: str, word: Word) -> str:
    return text[word.start : word.end]
