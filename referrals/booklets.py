"""Several documents in one PDF: what the worker makes of a print job (art. 7, U8).

Each document is laid out by itself, from its own frozen text, by the function that
prints it alone; the pages are then bound as they are. So the booklet says what the
documents say, in the order that was asked, and one that nobody printed yet is printed
on the way. What became void meanwhile is there as its void sheet.
"""

from typing import Any

from opus.lib import pdf
from opus.lib.making import NotAllowed
from opus.lib.printing import lay_out_sheet
from referrals import documents
from referrals.models import Document, PrintJob, VoidSheet

TITLE = "Fiches à remettre"


def write(job: PrintJob, out: Any) -> int:
    """Write the booklet of a job that was taken. Returns how many documents it has.

    Raises:
        NotAllowed: its owner may read none of them any more.
        Stopped: it was cancelled, or taken by another worker.
    """
    papers = list(job.papers()) if job.account.is_active else []
    if not papers:
        raise NotAllowed
    job.keep_in_mind(papers)
    sheets = []
    for done, paper in enumerate(papers):
        job.tell(done, len(papers))
        sheets.append((label_of(paper), lay_out(paper)))
    job.tell(len(papers), len(papers))
    out.write(pdf.bind(TITLE, sheets))
    return len(papers)


def lay_out(document: Document) -> Any:
    """The pages of a document, or of the sheet that stands in for a void one."""
    since = document.void_since
    if since:
        sheet = VoidSheet(document=document, since=since)
        sheet.freeze(documents.void_body_of(document, since))
        title = documents.void_title_of(document)
        return lay_out_sheet(sheet, title, documents.SHEET_STYLE)
    laid_out = lay_out_sheet(
        document,
        documents.title_of(document.act),
        documents.SHEET_STYLE,
        tight=documents.TIGHT_STYLE,
    )
    if document.is_waiting:
        # Nobody has to lay it out once more.
        document.store(pdf.write(laid_out))
    return laid_out


def label_of(document: Document) -> str:
    """Its bookmark: a number, and nobody's name (V17)."""
    number = f"Document n°\u00a0{document.number}"
    return f"{number} (annulé)" if document.is_void else number
