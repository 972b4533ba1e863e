"""The first sheet of a person's pile: what to do for each offer, with boxes to tick.

Each line says what its document says: both were frozen at the same instant.
"""

from collections.abc import Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from offers.page.documents import PAPER_STYLE
from opus.lib.documents import pdf
from referrals.documents.actions import list_row_of
from referrals.documents.models import Document
from referrals.documents.rendering import people_of

TITLE = "Liste de vos offres d’emploi"


def layout_of(papers: Sequence[Document]) -> Any:
    """Return the pages of one person's list."""
    html = render_to_string(
        "documents/page.html", {"title": TITLE, "body": body_of(papers)}
    )
    return pdf.lay_out(html, PAPER_STYLE)


def body_of(papers: Sequence[Document]) -> str:
    context = {
        **people_of(papers[0].act),
        "rows": [list_row_of(paper) for paper in papers],
        "today": timezone.localdate(),
    }
    return render_to_string("documents/cover.html", context)
