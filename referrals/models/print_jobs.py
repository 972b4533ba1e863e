"""Print jobs: several documents to hand over in one PDF (art. 7, U8).

A job holds no text: each document keeps its own, frozen with its act, and the worker
lays those out one after the other (``referrals.booklets``). It is its owner's alone,
and goes after a day like an export.
"""

import hashlib
import uuid
from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from opus.lib.files.background_files import FileState, OwnedFile, OwnedFileQuerySet
from referrals.models.documents import ACT_FIELDS, Document

# How the lists show where it stands.
BADGES = {
    FileState.WAITING: "info",
    FileState.RUNNING: "info",
    FileState.READY: "success",
    FileState.FAILED: "error",
    FileState.CANCELLED: "",
}


class PrintJobQuerySet(OwnedFileQuerySet):
    """Questions asked of print jobs."""

    def visible_to(self, user: User) -> Self:
        """One's own, for a day; never the file itself, which one page alone reads."""
        return self.of_account(user.pk)


class PrintJob(OwnedFile):
    """Several documents that an adviser prints at once."""

    account = models.ForeignKey(
        User, models.CASCADE, verbose_name="compte", related_name="print_jobs"
    )
    # Of the gesture that asked for it, or of the form: sent twice, it makes one (R10).
    key = models.UUIDField("clé", default=uuid.uuid4, editable=False)
    documents = models.ManyToManyField(
        Document, through="PrintedDocument", verbose_name="documents"
    )
    # Which documents the file holds, and which of them as void sheets.
    held = models.CharField("contenu du fichier", max_length=64, blank=True)
    # The numbers of the acts that were ticked and have no document, with the reason.
    left_out = models.JSONField("actes laissés de côté", default=list)

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
        """Its title: a number of sheets, nobody's name (V17)."""
        number = self.rows_total or 0
        return f"{number} fiches à remettre" if number > 1 else "Fiche à remettre"

    @property
    def badge(self) -> str:
        return BADGES[FileState(self.state)]

    @property
    def file_name(self) -> str:
        day = timezone.localdate(self.ready_at).isoformat()
        return f"opus-fiches-{day}.pdf"

    def papers(self) -> models.QuerySet[Document]:
        """Its documents in their order, those that its owner may still read."""
        mine = Document.objects.visible_to(self.account)
        return (
            mine.filter(printed_in__job=self)
            .select_related("candidate", *(f"{name}__offer" for name in ACT_FIELDS))
            .defer(
                "content",
                *(f"{name}__offer__description" for name in ACT_FIELDS),
                *(f"{name}__offer__details" for name in ACT_FIELDS),
            )
            .order_by("printed_in__rank")
        )

    def holds(self, papers: Iterable[Document]) -> bool:
        """Whether the file says what these documents are now."""
        return self.held == told_of(papers)

    def keep_in_mind(self, papers: Iterable[Document]) -> None:
        """What the file holds that this worker is about to write."""
        self.claimed().update(held=told_of(papers))


class PrintedDocument(models.Model):
    """One document of a print job, and its place."""

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


def told_of(papers: Iterable[Document]) -> str:
    """A sign of these documents, in their order, and of which are void since when."""
    told = hashlib.sha256()
    for paper in papers:
        since: Any = paper.void_since
        told.update(f"{paper.pk} {since.isoformat() if since else ''}\n".encode())
    return told.hexdigest()
