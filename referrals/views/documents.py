"""The document of article 7: its page, its PDF, where its making stands (A13)."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import partner_only
from accounts.http import MemberRequest
from opus.lib.audit import Action
from opus.lib.files.documents import FrozenDocument
from referrals import documents, sightings
from referrals.actions import documents as actions
from referrals.models import Document, EasyForm
from referrals.models.documents import ACT_FIELDS
from referrals.views.candidates import get_candidate

# What a document's pages read of its act.
SHOWN = ("offer", "candidate", "adviser", "structure")


@require_safe
@partner_only
def document(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The frozen text, for reading; a void document shows its void sheet instead."""
    document = get_document(request, pk)
    tell_reading(request, document)
    context = {
        "document": document,
        "sheet": actions.current_document(document),
        "section": "mises-en-contact",
    }
    return render(request, "referrals/document.html", context)


@require_safe
@partner_only
def document_pdf(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The PDF, always the same bytes; else how far its making is.

    202 while a worker prints it, 409 where that failed.
    """
    document = get_document(request, pk)
    sheet = actions.current_document(document)
    return answer(request, document, sheet, f"{document.number}.pdf")


@require_safe
@partner_only
def document_progress(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The part of a page that says where the PDF stands; htmx asks it again."""
    document = get_document(request, pk)
    context = {"document": document, "sheet": actions.current_document(document)}
    return render(request, "referrals/parts/pdf.html", context)


@require_safe
@partner_only
def document_easy(request: MemberRequest, pk: UUID, form: str) -> HttpResponse:
    """The text in large print or in plain words, for reading (A13)."""
    document = get_document(request, pk)
    if document.is_void:
        return redirect(document)
    tell_reading(request, document)
    context = {
        "document": document,
        "sheet": actions.easy_document_of(document, EasyForm(form)),
        "section": "mises-en-contact",
    }
    return render(request, "referrals/document.html", context)


@require_safe
@partner_only
def document_easy_pdf(request: MemberRequest, pk: UUID, form: str) -> HttpResponse:
    """The same as a PDF, always the same bytes; else how far its making is."""
    document = get_document(request, pk)
    if document.is_void:
        return redirect("document_pdf", document.pk)
    sheet = actions.easy_document_of(document, EasyForm(form))
    return answer(request, document, sheet, sheet.filename)


@require_safe
@partner_only
def document_easy_progress(request: MemberRequest, pk: UUID, form: str) -> HttpResponse:
    """The part of a page that says where that PDF stands."""
    document = get_document(request, pk)
    sheet = actions.easy_document_of(document, EasyForm(form))
    context = {"document": document, "sheet": sheet}
    return render(request, "referrals/parts/pdf.html", context)


@require_safe
@partner_only
def candidate_sheets(request: MemberRequest, pk: UUID) -> HttpResponse:
    """All the sheets that wait to be handed over to one person, to print at once."""
    candidate = get_candidate(request, pk)
    sightings.show(request.user, Action.DOCUMENT_READ, [candidate], target=candidate)
    waiting = Document.objects.to_hand_over(candidate)
    context = {
        "candidate": candidate,
        "papers": [(one, documents.demoted(one.html)) for one in waiting],
        "acts": [one.act for one in waiting],
        "section": "candidats",
    }
    return render(request, "referrals/candidate_sheets.html", context)


@require_POST
@partner_only
def document_again(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Another try, after a failure."""
    document = get_document(request, pk)
    actions.print_again(document, by=request.user)
    return redirect(document.act)


def get_document(request: MemberRequest, pk: UUID) -> Document:
    """A document of one's own candidate; any other does not exist (S20)."""
    mine = Document.objects.visible_to(request.user).select_related(
        "candidate", *(f"{name}__{part}" for name in ACT_FIELDS for part in SHOWN)
    )
    return get_object_or_404(mine.defer("content"), pk=pk)


def answer(
    request: MemberRequest, document: Document, sheet: FrozenDocument, filename: str
) -> HttpResponse:
    """A PDF once it is there, else the page that waits for it."""
    if sheet.is_ready:
        tell_reading(request, document)
        return HttpResponse(
            bytes(sheet.content or b""),
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="{filename}"'},
        )
    context = {"document": document, "sheet": sheet, "section": "mises-en-contact"}
    status = 409 if sheet.has_failed else 202
    return render(request, "referrals/document_waiting.html", context, status=status)


def tell_reading(request: MemberRequest, document: Document) -> None:
    persons = [document.candidate]
    sightings.show(request.user, Action.DOCUMENT_READ, persons, target=document)
