"""The printer with nothing of Opus around it, in a process that needs no Django."""

import logging
from pathlib import Path

from common import ROOT

from opus.lib import pdf

STYLE = Path(ROOT, "offers", "print", "sheet.css")


def print_one(page: str) -> int:
    """How many bytes the PDF of a page has."""
    logging.disable()
    content, _ = pdf.print_pdf(page, STYLE)
    return len(content)
