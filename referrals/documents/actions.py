"""Documents: void versions, easy versions, another attempt after a failure."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef
from django.utils import timezone

from accounts.signin import rate_limits
from accounts.users.models import User
from offers.catalogue.models import Offer
from opus.lib.audit.journal import Action, record
from opus.lib.background_files import FileState, FrozenDocument, enqueue_file
from opus.lib.database.states import MoveRefused
from referrals.acts.act_rights import kinds_going_on
from referrals.acts.models import Act
from referrals.acts.paper_facts import facts_of
from referrals.documents import documents
from referrals.documents.models import (
    Document,
    EasyDocument,
    EasyForm,
    PrintedDocument,
    PrintJob,
    VoidDocument,
)


def current_document(document: Document) -> FrozenDocument:
    """Return it, or its replacement once it is void."""
    since = document.void_since
    if since is None:
        return document
    void = VoidDocument(document=document, since=since)
    return made_once(void, lambda: documents.void_body_of(document, since), since=since)


def easy_document_of(document: Document, form: EasyForm) -> EasyDocument:
    """Return the large-print or plain version."""

    def body() -> str:
        if form == EasyForm.LARGE:
            return document.html
        # The words of its own instant; a document of version 1.0.0 kept none.
        return document.plain_html or documents.plain_body_of(document.act)

    easy = EasyDocument(document=document, form=form)
    return made_once(easy, body, form=form)


@transaction.atomic
def made_once[D: EasyDocument | VoidDocument](
    new: D, body: Callable[[], str], **which: Any
) -> D:
    """Return the row of that document, made on first use."""
    rows: Any = type(new)._default_manager.filter(document=new.document, **which)
    made: D | None = rows.first()
    if made is None:
        new.freeze(body())
        # Two readers at once make one: the later reads the row of the earlier.
        rows.bulk_create([new], ignore_conflicts=True)
        made = rows.get()
        enqueue_file(made)
    return made


@transaction.atomic
def print_again(document: Document, *, by: User) -> None:
    """Try again what failed, in every form."""
    for one in (current_document(document), *document.easy_documents.all()):
        if one.start_again():
            enqueue_file(one)
    persons = [document.candidate_id]
    record(Action.DOCUMENT_REMADE, by=by, target=document, persons=persons)


def why_not_renewed(act: Act) -> str:
    """Return why no version can follow the offer's change, or ""."""
    if not act.is_live:
        return "Cette proposition est terminée\u00a0: son document ne change plus."
    if act.offer_is_withdrawn:
        return (
            "France Travail a retiré l’offre\u00a0: il n’y a pas de nouvelle version à "
            "faire."
        )
    if act.KIND not in kinds_going_on(act.offer.mode, settings.ACTS_READING):
        return (
            f"L’offre est maintenant «\u00a0{act.offer.mode.label}\u00a0»\u00a0: elle "
            "demande une autre proposition. Annulez celle-ci, prévenez le candidat, "
            "puis proposez-lui de nouveau l’offre."
        )
    if act.is_past:
        return "Le rendez-vous est passé\u00a0: sa convocation ne change plus."
    return ""


@transaction.atomic
def renew_document(act: Act, *, by: User) -> Document:
    """Make the next version of a document that would say something else (art. 7).

    A document that says what is true stays. Raises MoveRefused: the act or the
    offer is over, or the offer's mode has no such act now.
    """
    act.offer = Offer.objects.select_for_update(no_key=True).get(pk=act.offer_id)
    act.lock()
    last: Document = act.document
    if not (last.void_at or last.changes or last.renewals):
        return last
    if why := why_not_renewed(act):
        raise MoveRefused(why)
    last.void(at=timezone.now())
    new = make_document(act, version=last.version + 1)
    persons = [act.candidate_id]
    record(Action.DOCUMENT_REMADE, by=by, target=new, persons=persons)
    return new


def make_document(act: Act, *, version: int = 1) -> Document:
    """Freeze the act's document, printed after commit (R6)."""
    acts = Act.objects.filter(pk=act.pk)
    facts = facts_of(OuterRef("offer"), OuterRef("candidate"))
    document = Document(
        act=act,
        candidate=act.candidate,
        version=version,
        title=documents.title_of(act),
        created_at=timezone.now(),
        made_of=acts.values_list(facts, flat=True).get(),
    )
    document.freeze(
        documents.body_of(act, version=version, made_at=document.created_at)
    )
    document.plain_html = documents.plain_body_of(act)
    document.row_html = documents.row_body_of(act)
    document.save(force_insert=True)
    enqueue_file(document)
    return document


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
