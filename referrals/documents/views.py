"""The document of article 7: page, PDF, progress (A13)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.signin.access import partner_only
from accounts.signin.http import MemberRequest
from opus.lib.audit.journal import Action
from opus.lib.background_files import BackgroundFile, FrozenDocument
from referrals.candidates import access_log
from referrals.candidates.views import get_candidate
from referrals.documents import actions, rendering
from referrals.documents.models import Document, EasyForm

# The relations of the act that a document's pages load.
SHOWN = ("offer", "candidate", "adviser", "structure")


@require_safe
@partner_only
def document(request: MemberRequest, pk: UUID, form: str = "") -> HttpResponse:
    """Show the frozen text; a void document shows its replacement."""
    document = get_document(request, pk)
    if form and document.is_void:
        return redirect(document)
    log_reading(request, document)
    context = {
        "document": document,
        "sheet": version_of(document, form),
        "section": "mises-en-contact",
    }
    return render(request, "referrals/documents/document.html", context)


@require_safe
@partner_only
def document_pdf(request: MemberRequest, pk: UUID, form: str = "") -> HttpResponse:
    """Return the PDF; 202 while made, 409 if that failed."""
    document = get_document(request, pk)
    if form and document.is_void:
        return redirect("document_pdf", document.pk)
    name = f"{document.number}-{form}" if form else document.number
    return pdf_response(request, document, version_of(document, form), f"{name}.pdf")


@require_safe
@partner_only
def document_progress(request: MemberRequest, pk: UUID, form: str = "") -> HttpResponse:
    document = get_document(request, pk)
    context = {"document": document, "sheet": version_of(document, form)}
    return render(request, "referrals/documents/progress.html", context)


def version_of(document: Document, form: str) -> FrozenDocument:
    if form:
        return actions.easy_document_of(document, EasyForm(form))
    return actions.current_document(document)


@require_safe
@partner_only
def candidate_documents(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Print all documents that one person is still to receive."""
    candidate = get_candidate(request, pk)
    access_log.show(request.user, Action.DOCUMENT_READ, [candidate], target=candidate)
    waiting = Document.objects.filter(candidate=candidate).waiting_for_hand_over()
    context = {
        "candidate": candidate,
        "papers": [(one, rendering.demoted(one.html)) for one in waiting],
        "acts": [one.act for one in waiting],
        "section": "candidats",
    }
    return render(request, "referrals/documents/of_candidate.html", context)


@require_POST
@partner_only
def document_renew(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Make the version of today's offer; a second click changes nothing."""
    document = get_document(request, pk)
    act = document.act
    actions.renew_document(act, by=request.user)
    messages.success(
        request,
        "La nouvelle version est faite. Remettez-la au candidat\u00a0: l’ancienne "
        "n’est plus valable.",
    )
    return redirect(act)


@require_POST
@partner_only
def document_again(request: MemberRequest, pk: UUID) -> HttpResponse:
    document = get_document(request, pk)
    actions.print_again(document, by=request.user)
    return redirect(document.act)


def get_document(request: MemberRequest, pk: UUID) -> Document:
    """Return a document of the user's candidate, else 404 (S20)."""
    mine = Document.objects.visible_to(request.user).select_related(
        "candidate", *(f"act__{part}" for part in SHOWN)
    )
    return get_object_or_404(mine.with_facts().defer("content"), pk=pk)


def pdf_response(
    request: MemberRequest, document: Document, version: FrozenDocument, filename: str
) -> HttpResponse:
    """Return the PDF if it exists, else the waiting page."""
    if version.is_ready:
        log_reading(request, document)
        return pdf_file(version, filename)
    context = {"document": document, "sheet": version, "section": "mises-en-contact"}
    status = 409 if version.has_failed else 202
    return render(request, "referrals/documents/waiting.html", context, status=status)


def pdf_file(
    file: BackgroundFile, name: str, disposition: str = "inline"
) -> HttpResponse:
    return HttpResponse(
        bytes(file.content or b""),
        content_type="application/pdf",
        headers={"Content-Disposition": f'{disposition}; filename="{name}"'},
    )


def log_reading(request: MemberRequest, document: Document) -> None:
    persons = [document.candidate]
    access_log.show(request.user, Action.DOCUMENT_READ, persons, target=document)
