"""The PDF of a print job (art. 7, U8).

A document not printed yet is stored on the way. A person's documents stand together,
behind a list of what to do if they are several.
"""

from typing import Any

from opus.lib.background_files import NotAllowed
from opus.lib.documents import pdf
from referrals.documents import rendering
from referrals.documents.models import Document, VoidDocument
from referrals.print_jobs import cover
from referrals.print_jobs.models import PrintJob, piles_of

TITLE = "Documents à remettre"


def write(job: PrintJob, out: Any) -> None:
    """Write a claimed job's PDF. Raises NotAllowed, Stopped: cancelled."""
    papers = list(job.papers()) if job.account.is_active else []
    if not papers:
        raise NotAllowed
    job.keep_in_mind(papers)
    parts = []
    done = 0
    for pile in piles_of(papers):
        good = [paper for paper in pile if not paper.is_void]
        if len(good) > 1:
            parts.append((cover.TITLE, cover.layout_of(good)))
        for paper in pile:
            job.report_progress(done, len(papers))
            parts.append((label_of(paper), layout_of(paper)))
            done += 1
    job.report_progress(len(papers), len(papers))
    out.write(pdf.bind(TITLE, parts))


def layout_of(document: Document) -> Any:
    """Return the pages of a document, or of its replacement."""
    since = document.void_since
    if since:
        void = VoidDocument(document=document, since=since)
        void.freeze(rendering.void_body_of(document, since))
        return rendering.layout_of(void)
    laid_out = rendering.layout_of(document)
    if document.is_unfinished and (claimed := Document.claim(document.pk)):
        claimed.store(pdf.write(laid_out))
    return laid_out


def label_of(document: Document) -> str:
    number = f"Document n°\u00a0{document.number}"
    return f"{number} (annulé)" if document.is_void else number
