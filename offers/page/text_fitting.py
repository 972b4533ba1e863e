"""Estimate how many lines a text needs on paper.

The document is frozen before it is printed, and must fit one A4 page (U4). Widths are
those of a wide font; a test prints the longest texts.
"""

import textwrap
from collections.abc import Iterator

# Widths in thousandths of the font size, those of DejaVu Sans rounded up by classes:
# no substitute font is wider.
NARROW = 420
PLAIN = 650
CAPITAL = 790
WIDE = 1000
FULL = 1150
WIDTHS = (
    dict.fromkeys("fijlrtI.,:;'’!|()[]-/\\ \u00a0·", NARROW)
    | dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZÀÂÇÉÈÊËÎÏÔÙÛ&+=<>~_$€£#", CAPITAL)
    | dict.fromkeys("mwMWœŒæÆ@%…—«»", WIDE)
)
LAST_LATIN = 0x024F

FONT_SIZE = 11.0  # points
LINE_WIDTH = 490.0  # points: 173 mm
BOLD = 1.12


def width_of(text: str, size: float = FONT_SIZE) -> float:
    """Return the width in points, never less than on paper."""
    return sum(map(_width, text)) * size / 1000


def _width(char: str) -> int:
    return WIDTHS.get(char) or (PLAIN if ord(char) <= LAST_LATIN else FULL)


def lines_of(
    text: str, width: float = LINE_WIDTH, size: float = FONT_SIZE
) -> list[str]:
    """Cut a text into lines, at spaces if possible."""
    return [
        line
        for paragraph in text.split("\n")
        for line in _broken(paragraph.split(), width, size)
    ]


def _broken(words: list[str], width: float, size: float) -> Iterator[str]:
    line = ""
    for word in words:
        longer = f"{line} {word}" if line else word
        if width_of(longer, size) <= width:
            line = longer
            continue
        if line:
            yield line
        # A word wider than a line breaks anywhere.
        most = max(1, int(width / (FULL * size / 1000)))
        pieces = [word] if width_of(word, size) <= width else textwrap.wrap(word, most)
        yield from pieces[:-1]
        line = pieces[-1]
    yield line


def fit(text: str, lines: int, *, width: float = LINE_WIDTH) -> tuple[str, bool]:
    """Return (fitting text, short lines joined; whether it was cut)."""
    paragraphs = [line for line in map(str.strip, text.splitlines()) if line]
    whole = "\n".join(paragraphs)
    if len(lines_of(whole, width)) <= lines:
        return whole, False
    broken = lines_of(" ".join(paragraphs), width)
    if len(broken) <= lines:
        return " ".join(broken), False
    kept = " ".join(broken[:lines])
    # The ellipsis replaces the last word, which may be cut.
    return kept.rpartition(" ")[0].rstrip(" ,;:.-–") + "…", True
