"""HTML to PDF/UA, without fetching (S31, A13)."""

import copy
import functools
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any


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
def _fonts() -> Any:
    return importlib.import_module("weasyprint.text.fonts").FontConfiguration()


@functools.cache
def _stylesheet(path: Path) -> Any:
    return _printer().CSS(
        string=path.read_text(encoding="utf-8"),
        url_fetcher=_fetcher(),
        font_config=_fonts(),
    )


def warm_up(*stylesheets: Path) -> None:
    _printer()
    for path in stylesheets:
        _stylesheet(path)


def lay_out(html: str, *stylesheets: Path) -> Any:
    """Lay out an HTML page as ``pages``; raise PrinterMissing."""
    page = _printer().HTML(string=html, url_fetcher=_fetcher(), base_url=None)
    return page.render(
        stylesheets=[_stylesheet(path) for path in stylesheets],
        font_config=_fonts(),
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
