"""The part of an offer's text that has the searched words, marked."""

import re
from collections.abc import Iterator
from html import escape
from unicodedata import normalize

from django.utils.safestring import SafeString, mark_safe

LEXEME = re.compile(r"'((?:[^']|'')+)'")
SPACE = re.compile(r"\s")
# Read of a text, in signs; given of it; given before the first word found. A row shows
# forty of them beside the company, and the word must be among these.
MOST_READ = 20_000
LONGEST = 220
BEFORE = 20
IN_SIGHT = 40
CUT = "… "
# « … : nous créons » begins with what ended.
ENDS = " :;,.!?)»-"


def fold(sign: str) -> str:
    """Return the plain small letter or digit of a sign, else a space."""
    plain = normalize("NFD", sign)[0].lower()
    return plain if plain.isascii() and (plain.isalnum() or plain == "_") else " "


FOLDED = "".join(map(fold, map(chr, range(256)))).encode()


def folded(text: str) -> bytes:
    """Return a byte for each sign, so that a place in it is one of the text.

    In bytes, since a page folds twenty long texts: signs take twenty times as long.
    """
    return text.encode("latin-1", "replace").translate(FOLDED)


class Snippets:
    """The words of one search, as they begin in texts: their stems."""

    def __init__(self, question: str) -> None:
        """``question``: a tsquery, as PostgreSQL writes it."""
        found = {one.replace("''", "'") for one in LEXEME.findall(question)}
        stems = [stem for stem in map(folded, found) if stem.strip()]
        self.begins = [b" " + stem for stem in stems]
        longest_first = sorted(map(re.escape, stems), key=len, reverse=True)
        words = rb"\b(?:%s)\w*" % b"|".join(longest_first)
        self.words = re.compile(words) if stems else None

    def of(self, text: str) -> SafeString:
        """Return one line around the first word found, else the beginning."""
        text = text[:MOST_READ]
        first, start = self.first_in(text), 0
        if first > IN_SIGHT - BEFORE:
            space = SPACE.search(text, first - BEFORE, first)
            start = space.end() if space else first
        line = " ".join(text[start : start + 2 * LONGEST].split())[:LONGEST]
        line = line.lstrip(ENDS) if start else line
        before = CUT if start else ""
        return mark_safe(before + "".join(self.marked(line)))  # noqa: S308 - escaped

    def first_in(self, text: str) -> int:
        """Return where the first of the words begins, -1 without one."""
        signs = b" " + folded(text)
        places = (signs.find(begin) for begin in self.begins)
        return min((at for at in places if at >= 0), default=-1)

    def marked(self, line: str) -> Iterator[str]:
        at = 0
        for found in self.words.finditer(folded(line)) if self.words else ():
            yield escape(line[at : found.start()])
            yield f"<mark>{escape(line[found.start() : found.end()])}</mark>"
            at = found.end()
        yield escape(line[at:])
