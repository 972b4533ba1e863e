"""Print several documents at once, or cancel (art. 7, U8)."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.signin import rate_limits
from accounts.users.models.users import User
from opus.lib.audit.journal import Action, record
from opus.lib.background_files import FileState, enqueue_file
from referrals.documents.models import Document
from referrals.print_jobs.models import PrintedDocument, PrintJob

MOST_DOCUMENTS = 50
# A job in these states may be made again: its documents changed, or it failed.
OVER = (FileState.READY, FileState.FAILED, FileState.CANCELLED)


class PrintRefused(Exception):
    """The message is the reason in French."""


@transaction.atomic
def request_job(acts: Iterable[uuid.UUID], *, by: User, key: uuid.UUID) -> PrintJob:
    """Start one PDF of these acts; once by key (R10).

    Raises PrintRefused, TooManyUses.
    """
    if job := PrintJob.objects.visible_to(by).filter(key=key).first():
        return job
    rate_limits.count_use(
        rate_limits.Use.PRINT_JOB,
        account=by.pk,
        window=dt.timedelta(hours=1),
        limit=settings.PRINT_JOBS_AN_HOUR,
    )
    wanted = list(dict.fromkeys(acts))
    if len(wanted) > MOST_DOCUMENTS:
        raise PrintRefused(
            f"{len(wanted)} propositions sont cochées\u00a0: {MOST_DOCUMENTS} au plus "
            "à la fois. Décochez-en, puis imprimez le reste dans un second temps."
        )
    papers = papers_of(wanted, by=by)
    if not papers:
        raise PrintRefused(
            "Il n’y a pas de document à imprimer\u00a0: ces propositions sont "
            "annulées, ou leur offre est retirée."
        )
    job = begin(papers, by=by, key=key)
    job.left_out = left_out_of(wanted, papers, by=by)
    job.save(update_fields=["left_out"])
    persons = {paper.candidate_id for paper in papers}
    record(Action.SHEETS_PRINTED, by=by, target=job, persons=sorted(persons))
    return job


def papers_of(acts: Sequence[uuid.UUID], *, by: User) -> list[Document]:
    """Return the user's good documents of these acts, in order."""
    mine = Document.objects.visible_to(by).of_acts(acts).good()
    rank = {act: place for place, act in enumerate(acts)}
    return sorted(mine, key=lambda paper: (rank[paper.act_id], paper.pk))


def left_out_of(
    acts: Sequence[uuid.UUID], papers: Iterable[Document], *, by: User
) -> list[dict[str, str]]:
    """Return why each act has no document; another's unnamed (S20)."""
    missing = set(acts) - {paper.act_id for paper in papers}
    mine = Document.objects.visible_to(by).with_facts()
    void = mine.of_acts(missing).order_by("version")
    last = {paper.act_id: paper for paper in void.select_related("act__offer")}
    return [
        {"number": paper.act.number, "reason": reason_of(paper)}
        if (paper := last.get(act))
        else {"number": "", "reason": "vous ne suivez pas cette proposition"}
        for act in acts
        if act in missing
    ]


def reason_of(void: Document) -> str:
    if void.void_at:
        return "la proposition est annulée"
    if void.act.refused_at:
        return "la candidature n’est pas retenue"
    if void.changes:
        return "l’offre a changé\u00a0: faites d’abord la nouvelle version"
    return "l’offre n’est plus ouverte"


def begin_for_gesture(
    acts: Sequence[uuid.UUID], *, by: User, key: uuid.UUID
) -> PrintJob | None:
    """Start a bulk action's job; None without an act."""
    papers = papers_of(acts, by=by)
    return begin(papers, by=by, key=key) if papers else None


@transaction.atomic
def begin(papers: Sequence[Document], *, by: User, key: uuid.UUID) -> PrintJob:
    """Start the job of that key, or add to it."""
    mine = PrintJob.objects.filter(account=by, key=key)
    mine.filter(expires_at__lte=timezone.now()).delete()
    mine.get_or_create(account=by, key=key)
    job: PrintJob = mine.select_for_update().get()
    known = set(job.items.values_list("document", flat=True))
    new = [paper for paper in papers if paper.pk not in known]
    if new:
        PrintedDocument.objects.bulk_create(
            PrintedDocument(job=job, document=paper, rank=rank)
            for rank, paper in enumerate(new, start=len(known) + 1)
        )
        job.rows_total = len(known) + len(new)
        job.save(update_fields=["rows_total"])
        job.start_again(*OVER)
        enqueue_file(job)
    return job


@transaction.atomic
def start_again(job: PrintJob) -> None:
    """Make the file again: failed, cancelled or outdated."""
    if job.start_again(*OVER):
        enqueue_file(job)
