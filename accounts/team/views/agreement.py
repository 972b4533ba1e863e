"""The agreement, for the RGC: text, annexes, amendments, scan (art. 4.1, 5.2)."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.agreements.articles.annexes import annexes_on
from accounts.agreements.articles.files import agreement_file, pdf_of, signed_copy_file
from accounts.agreements.articles.models import AgreementDocument, SignedCopy
from accounts.agreements.models.amendments import Amendment
from accounts.agreements.models.letters import Letter, LetterKind
from accounts.signin.access import rgc_only
from accounts.signin.http import MemberRequest
from opus.lib.background_files import FileState


@require_safe
@rgc_only
def agreement(request: MemberRequest) -> HttpResponse:
    convention = request.convention
    documents = AgreementDocument.objects.filter(convention=convention, is_final=True)
    copies = SignedCopy.objects.filter(convention=convention).exclude(content=b"")
    amendments = Amendment.objects.confirmed().filter(convention=convention)
    letters = amendment_letters(request).defer("html", "content").order_by("rank")
    by_amendment = {letter.amendment_id: letter for letter in letters}
    context = {
        "convention": convention,
        "document": documents.defer("html", "content").first(),
        "signed_copy": copies.defer("content").first(),
        "annexes": annexes_on(convention, timezone.localdate()),
        "amendments": [
            (amendment, by_amendment.get(amendment.pk))
            for amendment in amendments.select_related("convention")
        ],
    }
    return render(request, "accounts/team/agreement.html", context)


@require_safe
@rgc_only
def agreement_document(request: MemberRequest) -> HttpResponse:
    return agreement_file(request.convention, is_final=True)


@require_safe
@rgc_only
def agreement_signed_copy(request: MemberRequest) -> HttpResponse:
    return signed_copy_file(request.convention)


@require_safe
@rgc_only
def amendment_letter(request: MemberRequest, pk: UUID) -> HttpResponse:
    letter = get_object_or_404(
        amendment_letters(request).select_related("convention"), pk=pk
    )
    return pdf_of(letter, f"{letter.number.replace('/', '-')}.pdf")


def amendment_letters(request: MemberRequest) -> QuerySet[Letter]:
    """Filter the letters of its amendments that are ready to read."""
    of_convention = Letter.objects.filter(convention=request.convention)
    return of_convention.filter(kind=LetterKind.AMENDMENT, state=FileState.READY)
