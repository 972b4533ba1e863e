"""The printer alone, in a process without Django."""

import logging
from pathlib import Path

from common import ROOT

from opus.lib.documents import pdf

STYLE = Path(ROOT, "offers", "page", "print", "paper.css")


def print_one(page: str) -> int:
    logging.disable()
    content, _ = pdf.print_pdf(page, STYLE)
    return len(content)
