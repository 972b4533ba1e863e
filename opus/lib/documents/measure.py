"""Count the lines that a text needs on paper, in the font that is embedded.

A document is frozen before it is printed, and must fit one A4 page (U4): what gives way
is cut by these lines. Lengths are in millimetres, sizes in points.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

POINT = 25.4 / 72
FONTS = Path(__file__).parent / "fonts"
WEIGHTS = {False: 400, True: 700}
# Of a letter that the embedded font lacks: another font draws it, none is wider.
UNKNOWN = 0.75
FULL = 1.15
LAST_LATIN = "\u024f"


class Advances(dict[str, float]):
    """The width of each letter, in parts of the size."""

    def __missing__(self, char: str) -> float:
        return UNKNOWN if char <= LAST_LATIN else FULL


@cache
def _advances(is_bold: bool) -> Advances:
    advances = Advances()
    for part in ("latin-ext", "latin"):
        name = f"source-sans-3-{part}-{WEIGHTS[is_bold]}-normal.woff2"
        with TTFont(FONTS / name, lazy=True) as font:
            metrics, unit = font["hmtx"], font["head"].unitsPerEm
            for code, glyph in font.getBestCmap().items():
                if advance := metrics[glyph][0]:
                    advances[chr(code)] = advance / unit
    return advances


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    return sum(map(_advances(bold).__getitem__, text)) * size * POINT


def lines_of(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Cut a text into lines, at spaces if possible."""
    return [
        line
        for paragraph in text.split("\n")
        for line in _broken(paragraph, width, size, bold)
    ]


def _broken(text: str, width: float, size: float, bold: bool) -> Iterator[str]:
    line, used = "", 0.0
    space = width_of(" ", size, bold=bold)
    # A no-break space holds two words together.
    for word in text.split(" "):
        own = width_of(word, size, bold=bold)
        longer = used + space + own if line else own
        if longer <= width:
            line, used = f"{line} {word}" if line else word, longer
            continue
        if line:
            yield line
        *pieces, line = _pieces(word, width, size, bold)
        yield from pieces
        used = own if not pieces else width_of(line, size, bold=bold)
    yield line


def _pieces(word: str, width: float, size: float, bold: bool) -> list[str]:
    """Cut a word that is wider than a line anywhere."""
    pieces, left = [""], width
    for char in word:
        own = width_of(char, size, bold=bold)
        if own > left and pieces[-1]:
            pieces.append("")
            left = width
        pieces[-1] += char
        left -= own
    return pieces


def height_of(
    text: str, width: float, size: float, *, leading: float, bold: bool = False
) -> float:
    lines = len(lines_of(text, width, size, bold=bold))
    return lines * size * leading * POINT


def fit(
    text: str, lines: int, width: float, size: float, *, bold: bool = False
) -> tuple[str, bool]:
    """Return (the text in so many lines, whether it was cut)."""
    whole = " ".join(part for part in text.split("\n") if part)
    broken = lines_of(whole, width, size, bold=bold)
    if len(broken) <= lines:
        return whole, False
    kept = broken[:lines]
    last = kept[-1]
    while last and width_of(f"{last}…", size, bold=bold) > width:
        last = last[:-1]
    # Half a word is none; one word wider than the line is cut where it is.
    last = last.rpartition(" ")[0] or last
    return " ".join([*kept[:-1], f"{last.rstrip(' ,;:.-–')}…"]), True
