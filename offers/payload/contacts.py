"""Find and mask employers' phones, e-mails and links (S22).

France Travail's own contacts stay. The others are found in every mode, since the mode
may change alone, and masked if France Travail preselects.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from phonenumbers import PhoneNumberMatcher

MASK = "[coordonnées masquées]"
# Parts of ``details`` for which ``offers.catalogue.presenter`` has its own rule.
APART = frozenset({"contact", "agence", "origineOffre", "url", "logo"})

# « nom (at) exemple.fr », « nom arobase exemple point fr »: hidden from robots.
AT = r"(?: ?@ ?| ?[\[({<] ?(?:at|arobase?) ?[\])}>] ?| arobase? )"
DOT = r"(?:\.| ?[\[({<] ?(?:dot|point) ?[\])}>] ?| point )"
# Some hosts are cut after a hyphen, as at the end of a line.
MAIL = re.compile(
    rf"(?<![\w.+%’'-])[\w.+%’'-]*\w{AT}[\w-]+(?:- [\w-]+)?(?:{DOT}\w[\w-]*)+",
    re.IGNORECASE,
)
LINK = re.compile(
    r"(?:https? ?: ?// ?|\bwww\d? ?\. ?)[^\s<>\"«»]*[^\s<>\"«».,;:!?)\]]", re.IGNORECASE
)
# Without « www », an address needs an ending that cannot continue a French sentence or
# word: « l’offre.De plus », « agent.es », « Node.js » are no addresses.
ENDINGS = (
    "fr|com|org|net|eu|re|be|ch|lu|io|info|biz|bzh|jobs|paris|alsace|corsica|example"
)
# Words and brands end like this, too: such addresses need a path.
ENDINGS_OF_PATHS = "ly|me|to|gl|gle|co|ai|app|link|page|site|online|work|tv|pro"
PATH = r"/[\w/?#&=%.~+@-]*[\w/=]"
HOST = re.compile(
    r"(?<![\w@.-])(?!(?:asp|vb|ado|microsoft)\.net\b)\w(?:[\w-]*\.)+"
    rf"(?:(?-i:{ENDINGS}|{ENDINGS.upper()})(?![\w@])(?:{PATH})?"
    rf"|(?:{ENDINGS_OF_PATHS}){PATH})",
    re.IGNORECASE,
)
OWN = re.compile(
    r"(?:https?://)?(?:[\w.+-]+@)?(?:[\w-]+\.)*(?:francetravail|pole-emploi)"
    r"\.(?:fr|org|net|intra)(?:[/?#]\S*)?",
    re.IGNORECASE,
)

# Match the shape of the French plan: with French rules the library knows neither
# overseas numbers nor future series. « O6 12… » is a frequent slip.
DATE = (
    r"\d\d?[ ./-]{1,2}\d\d?[ ./-]{1,2}(?:19|20)\d\d\b"
    r"|[0-3]\d/[01]\d/\d\d(?![\d/])"
)
FRENCH_PHONE = re.compile(
    rf"(?<!\w)(?<!\b\d[./-])(?<!\b\d\d[./-])(?!{DATE})"
    r"(?:(?:\+|00) ?33 ?(?:\(0\))?[ .\-/]?|\(?[0O] ?)[1-9]\)?"
    r"(?:[-/]?(?:[ .]{0,2}\d){8}|(?P<sign> ?[-–/] ?)\d\d(?:(?P=sign)\d\d){3})"
    # Two at once: « 01 23 45 67 89/06 12 34 56 78 ».
    r"(?: ?/ ?0[1-9](?:[ .-]{0,2}\d){8})?(?!\d)"
)
# « départements 01 - 69 - 71 - 73 - 74 ».
SPACED_LIST = re.compile(r"0[1-5](?: [-–/] \d\d){4}")

# Cheap signs that a text is worth the search: a first load reads a million offers.
SIGNS = ("@", "//", "www", "WWW", "Www", "arobas", "AROBAS", "at)", "at]", "AT)", "AT]")
ENDS_AS_HOST = re.compile(rf"\.(?:{ENDINGS}|{ENDINGS_OF_PATHS})\b", re.IGNORECASE)
MANY_DIGITS = re.compile(r"[0O+](?:[^\w\n]{0,4}\d){7}")
ABROAD = re.compile(r"(?:\+|\b00)\W{0,2}[1-9]")


def find_contacts(texts: Iterable[str]) -> list[str]:
    """Return what to mask in these texts, the longest first."""
    text = "\n".join(texts)
    found: set[str] = set()
    if any(map(text.__contains__, SIGNS)) or ENDS_AS_HOST.search(text):
        for line in text.split("\n"):
            found.update(find_addresses(line))
    if MANY_DIGITS.search(text):
        for line in filter(MANY_DIGITS.search, text.split("\n")):
            found.update(find_phones(line))
    return sorted(found, key=lambda contact: (-len(contact), contact))


def find_addresses(line: str) -> Iterator[str]:
    patterns = [MAIL, LINK] if any(map(line.__contains__, SIGNS)) else []
    for pattern in [*patterns, HOST] if ENDS_AS_HOST.search(line) else patterns:
        for match in pattern.finditer(line):
            if not OWN.fullmatch(match[0]):
                yield match[0]


def find_phones(line: str) -> Iterator[str]:
    for match in FRENCH_PHONE.finditer(line):
        # Departments in ascending order are no number.
        pairs = re.findall(r"\d\d", match[0])
        if not SPACED_LIST.fullmatch(match[0]) or pairs != sorted(pairs):
            yield match[0]
    if ABROAD.search(line):
        yield from (match.raw_string for match in PhoneNumberMatcher(line, "FR"))


def texts_of(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from texts_of(part)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            if key not in APART:
                yield from texts_of(part)


def without_contacts(value: Any, contacts: Sequence[str]) -> Any:
    """Replace contacts by ``MASK`` in a JSON value."""
    if isinstance(value, str):
        for contact in contacts:
            value = value.replace(contact, MASK)
        return value
    if isinstance(value, list):
        return [without_contacts(part, contacts) for part in value]
    if isinstance(value, Mapping):
        return {
            key: part if key in APART else without_contacts(part, contacts)
            for key, part in value.items()
        }
    return value
