"""HTML to PDF/UA, without fetching (S31, A13)."""

import copy
import functools
import importlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

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


HERE = Path(__file__).parent
# What all that is printed shares: fonts, icons, page.
STYLE = HERE / "paper.css"
OWN_FILES = frozenset(
    path.as_uri() for kind in ("fonts", "icons") for path in (HERE / kind).iterdir()
)


class PrinterMissing(Exception):
    """WeasyPrint or its libraries (Pango) are not installed."""


@functools.cache
def _printer() -> Any:
    try:
        return importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:
        raise PrinterMissing(str(error).splitlines()[0]) from error


@functools.cache
def _fetcher() -> Any:
    """Return a fetcher that refuses every address, data: included (S31)."""

    class RefusesAll(_printer().urls.URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            raise ValueError("A document fetches nothing.")

    return RefusesAll()


@functools.cache
def _own_fetcher() -> Any:
    """Return a fetcher of the fonts and icons beside this file, for our own styles."""

    class ReadsOurOwn(_printer().urls.URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url not in OWN_FILES:
                raise ValueError("A stylesheet fetches our own files alone.")
            return super().fetch(url, headers)

    return ReadsOurOwn(allowed_protocols=["file"])


@functools.cache
def _fonts() -> Any:
    return importlib.import_module("weasyprint.text.fonts").FontConfiguration()


@functools.cache
def _stylesheet(path: Path) -> Any:
    return _printer().CSS(
        string=path.read_text(encoding="utf-8"),
        base_url=STYLE.as_uri(),
        url_fetcher=_own_fetcher(),
        font_config=_fonts(),
    )


@functools.cache
def _icons() -> dict[str, Any]:
    """Return the read icons by address: a document reads none itself."""
    icons: dict[str, Any] = {}
    names = (path.stem for path in sorted((HERE / "icons").glob("*.svg")))
    body = "".join(f'<i class="i i-{name}"></i>' for name in names)
    page = _printer().HTML(string=body, url_fetcher=_own_fetcher(), base_url=None)
    page.render(stylesheets=[_stylesheet(STYLE)], font_config=_fonts(), cache=icons)
    return icons


def warm_up(*stylesheets: Path) -> None:
    for path in (STYLE, *stylesheets):
        _stylesheet(path)
    _icons()


def lay_out(html: str, *stylesheets: Path) -> Any:
    """Lay out an HTML page as ``pages``; raise PrinterMissing."""
    page = _printer().HTML(string=html, url_fetcher=_fetcher(), base_url=None)
    return page.render(
        stylesheets=[_stylesheet(path) for path in (STYLE, *stylesheets)],
        font_config=_fonts(),
        cache=_icons().copy(),
        pdf_variant="pdf/ua-1",
        presentational_hints=False,
    )


def write(document: Any) -> bytes:
    content: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    return content


def print_pdf(html: str, *stylesheets: Path) -> tuple[bytes, int]:
    """Return a PDF/UA-1 and its number of pages; raise PrinterMissing."""
    document = lay_out(html, *stylesheets)
    return write(document), len(document.pages)


def bind(title: str, sheets: Sequence[tuple[str, Any]]) -> bytes:
    """Merge laid out documents (bookmark, ``lay_out``; consumed) into one PDF/UA-1.

    One-sided printing is set: two documents may be about two persons.
    """
    pages = []
    for label, document in sheets:
        first = document.pages[0]
        for page in document.pages:
            page.bookmarks = [(level + 1, *place) for level, *place in page.bookmarks]
        first.bookmarks.insert(0, (1, label, (0, 0), "closed"))
        pages += document.pages
    _, model = sheets[0]
    bound = model.copy(pages)
    bound.metadata = copy.copy(model.metadata)
    bound.metadata.title = title
    content: bytes = bound.write_pdf(pdf_variant="pdf/ua-1", finisher=_one_sided)
    return content


def _one_sided(_: Any, file: Any) -> None:
    file.catalog["ViewerPreferences"]["Duplex"] = "/Simplex"
