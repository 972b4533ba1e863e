"""The part of an offer's text that has the searched words, marked."""

import re
from collections.abc import Iterator
from html import escape

from django.utils.safestring import SafeString, mark_safe

LEXEME = re.compile(r"'((?:[^']|'')+)'")
ACCENTED, PLAIN = "àâäáãåçèéêëìíîïñòóôöõùúûüýÿ", "aaaaaaceeeeiiiinooooouuuuyy"
# One sign for one sign: a place in the folded text is that of the text.
FOLDED = str.maketrans(ACCENTED, PLAIN)
LONGEST = 220
# Signs shown before the first word found.
BEFORE = 50
CUT = "… "


class Snippets:
    """The words of one search, as they begin in texts: their stems."""

    def __init__(self, question: str) -> None:
        """``question``: a tsquery, as PostgreSQL writes it."""
        stems = {found.replace("''", "'") for found in LEXEME.findall(question)}
        begins = "|".join(map(re.escape, sorted(stems, key=len, reverse=True)))
        self.words = re.compile(rf"\b(?:{begins})\w*") if begins else None

    def of(self, text: str) -> SafeString:
        """Return one line around the first word found, else the beginning."""
        line = " ".join(text[:20_000].split())
        folded = line.lower().translate(FOLDED)
        if len(folded) != len(line):  # « İ » becomes two signs.
            folded = line
        first = self.words.search(folded) if self.words else None
        start = 0
        if first and first.start() > LONGEST // 2:
            start = line.find(" ", first.start() - BEFORE) + 1
        end = start + LONGEST
        before = CUT if start else ""
        parts = "".join(self.marked(line, folded, start, end))
        return mark_safe(before + parts)  # noqa: S308 - each part is escaped

    def marked(self, line: str, folded: str, start: int, end: int) -> Iterator[str]:
        at = start
        for found in self.words.finditer(folded, start, end) if self.words else ():
            yield escape(line[at : found.start()])
            yield f"<mark>{escape(line[found.start() : found.end()])}</mark>"
            at = found.end()
        yield escape(line[at:end])
