"""The document of article 7: page, PDF, progress (A13)."""

import itertools
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.signin.access import MemberRequest, destination, partner_only, passive
from accounts.users.models import User
from opus.lib.audit.journal import Action
from opus.lib.background_files import BackgroundFile, FrozenDocument
from opus.lib.forms.base import Form, as_uuid
from referrals.acts.models import Act
from referrals.acts.next_step import NextStep
from referrals.candidates import access_log
from referrals.candidates.views import get_candidate
from referrals.documents import actions, documents
from referrals.documents.models import Document, EasyForm, PrintJob, piles_of

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
    version = version_of(document, form)
    if version.is_ready:
        log_reading(request, document)
        name = f"{document.number}-{form}" if form else document.number
        return pdf_file(version, f"{name}.pdf")
    context = {"document": document, "sheet": version, "section": "mises-en-contact"}
    status = 409 if version.has_failed else 202
    return render(request, "referrals/documents/waiting.html", context, status=status)


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
        "papers": [(one, documents.demoted(one.html)) for one in waiting],
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


@require_http_methods(["GET", "HEAD", "POST"])
@partner_only
def print_jobs(request: MemberRequest) -> HttpResponse:
    """List today's jobs, or start one with the ticked acts."""
    if request.method == "POST":
        return request_job(request)
    jobs = list(PrintJob.objects.visible_to(request.user))
    trades = trades_of(jobs, by=request.user)
    context = {
        "jobs": [(job, trades.get(job.pk, [])) for job in jobs],
        "section": "mises-en-contact",
    }
    return render(request, "referrals/documents/print_jobs.html", context)


def trades_of(jobs: Sequence[PrintJob], *, by: User) -> dict[UUID, list[str]]:
    """Return the titles of the open offers in each job, once each, without a name."""
    papers = Document.objects.visible_to(by).filter(printed_in__job__in=jobs)
    found: dict[UUID, list[str]] = {}
    for paper in (
        papers.with_offers()
        .defer("html")
        .annotate(job=F("printed_in__job"), rank=F("printed_in__rank"))
        .order_by("rank")
    ):
        title, titles = paper.act.offer.title, found.setdefault(paper.job, [])
        if paper.act.offer.is_active and title not in titles:
            titles.append(title)
    return found


class PrintForm(Form):
    """The acts ticked, and the form's own key (R10)."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        ticked = self.data.getlist("acte") if hasattr(self.data, "getlist") else []
        acts = list(dict.fromkeys(filter(None, map(as_uuid, ticked))))
        if not acts:
            raise ValidationError("Cochez une proposition au moins.")
        return cleaned | {"acts": acts}


def request_job(request: MemberRequest) -> HttpResponse:
    """Redirect to the new job, or back with the error."""
    form = PrintForm(request.POST)
    try:
        if form.is_valid():
            made_of = form.cleaned_data
            job = actions.request_job(
                made_of["acts"], by=request.user, key=made_of["key"]
            )
            return redirect(job)
        problem = " ".join(map(str, itertools.chain(*form.errors.values())))
    except actions.PrintRefused as error:
        problem = str(error)
    messages.error(request, problem)
    return redirect(destination(request, "print_jobs"))


@require_safe
@partner_only
def print_job(request: MemberRequest, pk: UUID) -> HttpResponse:
    return show(request, *get_job(request, pk))


@passive
@require_safe
@partner_only
def print_job_progress(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Return the part of the page that htmx polls."""
    job, _ = get_job(request, pk)
    return render(request, "referrals/documents/print_job_progress.html", {"job": job})


@require_safe
@partner_only
def print_job_pdf(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Return the file; 202 while it is made, else 409."""
    job, papers = get_job(request, pk)
    if not job.is_ready:
        return show(request, job, papers, status=202 if job.is_unfinished else 409)
    persons = [paper.candidate for paper in papers]
    access_log.show(request.user, Action.DOCUMENT_READ, persons, target=job)
    return pdf_file(job, job.file_name)


@require_POST
@partner_only
def print_job_again(request: MemberRequest, pk: UUID) -> HttpResponse:
    job, _ = get_job(request, pk)
    actions.start_again(job)
    return redirect(job)


@require_POST
@partner_only
def print_job_cancel(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Cancel the job; the documents stay on their acts' pages."""
    job, _ = get_job(request, pk)
    if job.cancel():
        messages.success(
            request, "L’impression est annulée\u00a0; son PDF est supprimé."
        )
    return redirect(job)


def get_job(request: MemberRequest, pk: UUID) -> tuple[PrintJob, list[Document]]:
    """Return the user's job and its documents, else 404 (S20).

    An outdated file is made again: something was withdrawn, or the adviser changed.
    """
    mine = PrintJob.objects.visible_to(request.user).select_related("account")
    job = get_object_or_404(mine, pk=pk)
    piles = piles_of(job.papers().defer("html"))
    papers = list(itertools.chain(*piles))
    if job.is_ready and not job.holds(papers):
        actions.start_again(job)
        job = get_object_or_404(mine, pk=pk)
    return job, papers


def show(
    request: MemberRequest, job: PrintJob, papers: list[Document], *, status: int = 200
) -> HttpResponse:
    persons = [paper.candidate for paper in papers]
    access_log.show(request.user, Action.PERSONS_LISTED, persons, target=job)
    acts = Act.objects.filter(pk__in=[paper.act_id for paper in papers])
    to_hand_over = acts.waiting_for(NextStep.HAND_OVER)
    waiting = set(to_hand_over.values_list("pk", flat=True))
    lines = [
        (paper, was_handed_over(paper), paper.act_id in waiting) for paper in papers
    ]
    context = {
        "job": job,
        "lines": lines,
        "waiting": [
            paper.act
            for paper in papers
            if not paper.is_void and paper.act_id in waiting
        ],
        "here": job.get_absolute_url(),
        "section": "mises-en-contact",
    }
    page = "referrals/documents/print_job.html"
    return render(request, page, context, status=status)


def was_handed_over(paper: Document) -> bool:
    """Return whether that version was: an earlier one does not count."""
    if paper.act.handed_over_on is None or paper.version == 1:
        return paper.act.handed_over_on is not None
    steps = paper.act.steps.filter(note__has_key="channel", at__gte=paper.created_at)
    return bool(steps.exists())
