"""Documents: a frozen text, its PDF (R6, S34, ADR 3)."""

import hashlib
import logging
from pathlib import Path
from typing import Any

from django.db import models
from django.template.loader import render_to_string

from opus.lib.documents import pdf
from opus.lib.files.background_files import BackgroundFile

logger = logging.getLogger(__name__)


class FrozenDocument(BackgroundFile):
    # The printed body, and its SHA-256.
    html = models.TextField(editable=False)
    html_sha256 = models.CharField("empreinte", max_length=64, editable=False)

    class Meta(BackgroundFile.Meta):
        abstract = True

    def freeze(self, html: str) -> None:
        self.html = html
        self.html_sha256 = hashlib.sha256(html.encode()).hexdigest()


def page_of(document: FrozenDocument, title: str) -> str:
    return render_to_string(
        "documents/page.html", {"title": title, "body": document.html}
    )


def lay_out(
    document: FrozenDocument, title: str, *styles: Path, tight: Path | None = None
) -> Any:
    """Return the pages; add ``tight`` above one (U4)."""
    html = page_of(document, title)
    laid_out = pdf.lay_out(html, *styles)
    if tight and len(laid_out.pages) > 1:
        laid_out = pdf.lay_out(html, *styles, tight)
        logger.warning("A document was set tighter: %s page(s).", len(laid_out.pages))
    return laid_out
