"""Find what article 9.1 forbids in a text (V2, V6)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from opus.lib.text_guard import identifiers
from opus.lib.text_guard.categories import SUBJECTS, Category
from opus.lib.text_guard.patterns import NO_FORM
from opus.lib.text_guard.rules import RULES
from opus.lib.text_guard.tokens import Word, readings

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
    found = {Finding(start, end, name) for name, (start, end) in identifiers.find(text)}
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
    spent: dict[Category | None, set[int]] = {None: set(_communes(text, words))}
    for place, named in street_words(text, words):
        for subject in {*SUBJECTS} - (OF_A_PERSON if named > 1 else set()):
            spent.setdefault(subject, set()).add(place)
    for category, first, last in RULES.passes.find([word.forms for word in words]):
        spent.setdefault(category, set()).update(range(first, last + 1))
    return spent


def _communes(text: str, words: Sequence[Word]) -> Iterator[int]:
    """Yield the places of communes with postcode or department."""
    for at, word in enumerate(words):
        if not COMMUNES.isdisjoint(word.forms) and (
            POSTCODE.search(text, max(word.start - 10, 0), word.start)
            or DEPARTMENT.match(text, word.end)
        ):
            yield at


def street_words(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Yield the places of a street name's words, numbered (V3).

    A name continues while words have a capital; else it is one word. It ends at a sign
    or digit: « 12 rue des Lilas, alcoolique » has two. It ends at a word all in
    capitals, too: « 12 rue des Lilas RQTH ».
    """
    for at, word in enumerate(words):
        if not STREETS.isdisjoint(word.forms) and _is_street(text, words, at):
            yield from _name(text, words, at)


def _is_street(text: str, words: Sequence[Word], at: int) -> bool:
    """Return whether a number precedes, or a capital follows."""
    before = words[at - 1].forms if at else frozenset({""})
    follows = [_written(text, word) for word in words[at + 1 : at + 1 + MOST_WORDS]]
    names = [word for word in follows if word.casefold() not in JOINTS]
    has_number = any(form[:1].isdigit() or form in {"bis", "ter"} for form in before)
    return has_number or (bool(names) and names[0][:1].isupper())


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
        if named and not is_named and not _is_church(words[place - 1], words[place]):
            return
        named += 1
        yield place, named


def _is_church(word: Word, following: Word) -> bool:
    pairs = {f"{one}-{other}" for one in word.forms for other in following.forms}
    return not CHURCHES.isdisjoint(pairs)


def _written(text: str, word: Word) -> str:
    return text[word.start : word.end]
