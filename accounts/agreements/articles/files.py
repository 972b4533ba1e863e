"""PDF answers: the agreement, its signed copy."""

from typing import Any

from django.http import Http404, HttpResponse

from accounts.agreements.articles.documents import file_name
from accounts.agreements.articles.models import AgreementDocument, SignedCopy
from accounts.agreements.models.conventions import Convention
from opus.lib.web import pdf_file


def agreement_file(convention: Convention, **having: bool) -> HttpResponse:
    """Return the printed agreement; 404 until it is ready."""
    rows = AgreementDocument.objects.filter(convention=convention, **having)
    return pdf_of(rows.first(), file_name(convention))


def signed_copy_file(convention: Convention) -> HttpResponse:
    copy = SignedCopy.objects.filter(convention=convention).first()
    return pdf_of(copy, file_name(convention, "-signee"))


def pdf_of(row: Any, name: str) -> HttpResponse:
    # Emptied at term, or not printed yet.
    if row is None or not row.content:
        raise Http404
    return pdf_file(row.content, name)
