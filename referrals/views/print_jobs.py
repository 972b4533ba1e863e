"""``/impressions/``: several documents in one PDF, how far it is, and its download.

The page of a job survives a reload, a worker's death and a night: all that it says is
in the job's row. Without JavaScript a link asks again.
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.access import destination, partner_only, passive
from accounts.http import MemberRequest
from opus.lib.audit import Action
from referrals import sightings
from referrals.actions import print_jobs as actions
from referrals.forms.print_jobs import PrintForm
from referrals.models import Document, PrintJob


@require_http_methods(["GET", "HEAD", "POST"])
@partner_only
def print_jobs(request: MemberRequest) -> HttpResponse:
    """My jobs of the day, the last first; or a new one, of the acts ticked."""
    if request.method == "POST":
        return ask(request)
    context = {
        "jobs": list(PrintJob.objects.visible_to(request.user)),
        "section": "mises-en-contact",
    }
    return render(request, "referrals/print_jobs.html", context)


def ask(request: MemberRequest) -> HttpResponse:
    """To the new job's page; else back to the list, told what to correct."""
    form = PrintForm(request.POST)
    try:
        if form.is_valid():
            return redirect(form.save(by=request.user))
        problem = " ".join(str(text) for told in form.errors.values() for text in told)
    except (actions.TooManySheets, actions.NothingToPrint) as error:
        problem = str(error)
    messages.error(request, problem)
    return redirect(destination(request, "print_jobs"))


@require_safe
@partner_only
def print_job(request: MemberRequest, pk: UUID) -> HttpResponse:
    """One job: how far it is, and the sheets that it holds, each with its web page."""
    return show(request, *get_job(request, pk))


@passive
@require_safe
@partner_only
def print_job_progress(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The part of that page which changes; htmx asks it again while it is made."""
    job, _ = get_job(request, pk)
    return render(request, "referrals/parts/print_job.html", {"job": job})


@require_safe
@partner_only
def print_job_pdf(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The file; 202 while a worker makes it, 409 where there is none."""
    job, papers = get_job(request, pk)
    if not job.is_ready:
        return show(request, job, papers, status=202 if job.is_unfinished else 409)
    tell(request, job, papers, Action.DOCUMENT_READ)
    return HttpResponse(
        bytes(job.content or b""),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{job.file_name}"'},
    )


@require_POST
@partner_only
def print_job_again(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Another try, after a failure or a change of mind."""
    job, _ = get_job(request, pk)
    actions.start_again(job)
    return redirect(job)


@require_POST
@partner_only
def print_job_cancel(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Give it up; the documents stay, each on its act's page."""
    job, _ = get_job(request, pk)
    if job.cancel():
        messages.success(
            request, "L’impression est annulée\u00a0; son PDF est supprimé."
        )
    return redirect(job)


def get_job(request: MemberRequest, pk: UUID) -> tuple[PrintJob, list[Document]]:
    """One's own job and its documents; any other does not exist (S20).

    A file that says what is no longer so, since an act or an offer was withdrawn or a
    person has another adviser, is let go and made anew.
    """
    mine = PrintJob.objects.visible_to(request.user).select_related("account")
    job = get_object_or_404(mine, pk=pk)
    papers = list(job.papers().defer("html"))
    if job.is_ready and not job.holds(papers):
        actions.start_again(job)
        job = get_object_or_404(mine, pk=pk)
    return job, papers


def show(
    request: MemberRequest, job: PrintJob, papers: list[Document], *, status: int = 200
) -> HttpResponse:
    tell(request, job, papers, Action.PERSONS_LISTED)
    context = {"job": job, "papers": papers, "section": "mises-en-contact"}
    return render(request, "referrals/print_job.html", context, status=status)


def tell(
    request: MemberRequest, job: PrintJob, papers: list[Document], action: Action
) -> None:
    persons = [paper.candidate for paper in papers]
    sightings.show(request.user, action, persons, target=job)
