"""HTML to PDF/UA, in a worker, with a printer that fetches nothing (S31, A13).

The web process never loads the printer: it is found when first used, so that a server
without Pango still serves every page and says what is missing.
"""

import copy
import functools
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class PrinterMissing(Exception):
    """WeasyPrint or the libraries that it needs (Pango) are not installed here."""


@functools.cache
def _printer() -> Any:
    """WeasyPrint, loaded once a process.

    Raises:
        PrinterMissing: it cannot be loaded; the message says which library lacks.
    """
    try:
        return importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:
        raise PrinterMissing(str(error).splitlines()[0]) from error


@functools.cache
def _fetcher() -> Any:
    """A fetcher that refuses every address: no file, no network, no data: (S31)."""

    class RefusesAll(_printer().urls.URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            raise ValueError("A document fetches nothing.")

    return RefusesAll()


@functools.cache
def _fonts() -> Any:
    return importlib.import_module("weasyprint.text.fonts").FontConfiguration()


@functools.cache
def _stylesheet(path: Path) -> Any:
    """A packaged stylesheet, read and parsed once a process."""
    return _printer().CSS(
        string=path.read_text(encoding="utf-8"),
        url_fetcher=_fetcher(),
        font_config=_fonts(),
    )


def warm_up(*stylesheets: Path) -> None:
    """Load the printer and these stylesheets now rather than with the first page."""
    _printer()
    for path in stylesheets:
        _stylesheet(path)


def lay_out(html: str, *stylesheets: Path) -> Any:
    """A whole HTML page laid out on its sheets of paper (``pages``).

    Args:
        html: a page with its language and title. Nothing that it names is fetched.
        stylesheets: packaged files; the page brings no style of its own.

    Raises:
        PrinterMissing: this server cannot print.
    """
    page = _printer().HTML(string=html, url_fetcher=_fetcher(), base_url=None)
    return page.render(
        stylesheets=[_stylesheet(path) for path in stylesheets],
        font_config=_fonts(),
        pdf_variant="pdf/ua-1",
        presentational_hints=False,
    )


def write(document: Any) -> bytes:
    """The PDF/UA-1 of what was laid out."""
    content: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    return content


def print_pdf(html: str, *stylesheets: Path) -> tuple[bytes, int]:
    """The PDF/UA-1 of a whole HTML page, and how many pages it has.

    Raises:
        PrinterMissing: this server cannot print.
    """
    document = lay_out(html, *stylesheets)
    return write(document), len(document.pages)


def bind(title: str, sheets: Sequence[tuple[str, Any]]) -> bytes:
    """Several documents laid out, one after the other in one PDF/UA-1.

    Their pages are taken as they are: what is read and seen of each is what its own
    PDF holds. Its viewer is asked to print on one side: two sheets may be of two
    persons.

    Args:
        title: of the whole.
        sheets: the bookmark of each, and what ``lay_out`` made. They are of no other
            use afterwards.
    """
    pages = []
    for label, document in sheets:
        first = document.pages[0]
        for page in document.pages:
            page.bookmarks = [(level + 1, *told) for level, *told in page.bookmarks]
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
