"""Print jobs: several documents in one PDF, for a day.

A job stores no text: the worker lays out each frozen document.
"""

import hashlib
import uuid
from collections.abc import Iterable
from typing import Self

from django.db import models
from django.urls import reverse
from django.utils import timezone

from accounts.users.models.users import User
from opus.lib.background_files import FileState, OwnedFile, OwnedFileQuerySet
from referrals.acts.act_rights import ActKind
from referrals.documents.models import Document

# The badge of each state.
BADGES = {
    FileState.WAITING: "info",
    FileState.RUNNING: "info",
    FileState.READY: "success",
    FileState.FAILED: "error",
    FileState.CANCELLED: "",
}

# What has an hour, what one does oneself, what has a day, what one waits for.
IN_A_PILE = (
    ActKind.APPOINTMENT,
    ActKind.REFERRAL,
    ActKind.CV_REQUEST,
    ActKind.SCREENED_REFERRAL,
)


class PrintJobQuerySet(OwnedFileQuerySet):
    def visible_to(self, user: User) -> Self:
        """Filter the user's jobs of the day, without the file."""
        return self.of_account(user.pk)


class PrintJob(OwnedFile):
    account = models.ForeignKey(
        User, models.CASCADE, verbose_name="compte", related_name="print_jobs"
    )
    # The key of the bulk action or form: sent twice, it makes one job (R10).
    key = models.UUIDField("clé", default=uuid.uuid4, editable=False)
    documents = models.ManyToManyField(
        Document, through="PrintedDocument", verbose_name="documents"
    )
    # The fingerprint of the file's documents, void ones included.
    held = models.CharField("contenu du fichier", max_length=64, blank=True)
    # The numbers of the acts that were ticked and have no document, with the reason.
    left_out = models.JSONField("propositions laissées de côté", default=list)

    objects = PrintJobQuerySet.as_manager()

    class Meta(OwnedFile.Meta):
        verbose_name = "impression"
        constraints = [
            *OwnedFile.Meta.constraints,
            models.UniqueConstraint(
                fields=["account", "key"], name="one_print_job_by_gesture"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("print_job", args=[self.pk])

    @property
    def title(self) -> str:
        """Return its number of documents, no name (V17)."""
        number = self.rows_total or 0
        return f"{number} documents à remettre" if number > 1 else "Document à remettre"

    @property
    def badge(self) -> str:
        return BADGES[FileState(self.state)]

    @property
    def file_name(self) -> str:
        day = timezone.localdate(self.ready_at).isoformat()
        return f"opus-documents-{day}.pdf"

    def papers(self) -> models.QuerySet[Document]:
        """Return its documents in order, if still readable."""
        mine = Document.objects.visible_to(self.account)
        printed = mine.filter(printed_in__job=self).with_offers()
        return printed.order_by("printed_in__rank")

    def holds(self, papers: Iterable[Document]) -> bool:
        """Return whether the file has exactly these documents."""
        return self.held == fingerprint_of(papers)

    def keep_in_mind(self, papers: Iterable[Document]) -> None:
        """Store the fingerprint of what the worker writes."""
        self.claimed().update(held=fingerprint_of(papers))


class PrintedDocument(models.Model):
    job = models.ForeignKey(
        PrintJob, models.CASCADE, verbose_name="impression", related_name="items"
    )
    document = models.ForeignKey(
        Document, models.CASCADE, verbose_name="document", related_name="printed_in"
    )
    rank = models.PositiveSmallIntegerField("rang")

    class Meta:
        verbose_name = "document d’une impression"
        verbose_name_plural = "documents d’une impression"
        ordering = ("job", "rank")
        constraints = [
            models.UniqueConstraint(
                fields=["job", "document"], name="a_document_once_in_a_print_job"
            ),
            models.UniqueConstraint(
                fields=["job", "rank"], name="one_document_by_rank_of_a_print_job"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rank}. {self.document_id}"


def piles_of(papers: Iterable[Document]) -> list[list[Document]]:
    """Return each person's documents, what has an hour first."""
    piles: dict[uuid.UUID, list[Document]] = {}
    for paper in papers:
        piles.setdefault(paper.candidate_id, []).append(paper)
    return [sorted(pile, key=urgency_of) for pile in piles.values()]


def urgency_of(paper: Document) -> tuple[int, str]:
    act = paper.act
    when = act.hour_to_come or act.due_on or ""
    return IN_A_PILE.index(act.KIND), str(when)


def fingerprint_of(papers: Iterable[Document]) -> str:
    """Return a fingerprint of these documents and their void dates, in any order."""
    lines = sorted(f"{paper.pk} {paper.void_since or ''}" for paper in papers)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
