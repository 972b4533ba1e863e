"""The document of an offer, to hand over (art. 7)."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.users.models import User
from offers.enums import OfferState
from opus.lib.background_files import (
    FileState,
    FrozenDocument,
    OwnedFile,
    OwnedFileQuerySet,
)
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act
from referrals.acts.next_step import NextStep
from referrals.acts.paper_facts import (
    changes,
    facts_of,
    join,
    misleads,
    renewals,
    voiding_part,
)
from referrals.acts.states import LIVE_STATES, REFUSED_STATES
from referrals.candidates.models import Candidate, followed_by

# Fields of an offer.
LONG_TEXTS = ("act__offer__description", "act__offer__details")

IS_OPEN = Q(act__offer__state=OfferState.ACTIVE)
# What a page of papers reads of their acts.
ACT_SHOWN = ("act__offer", "act__details", "act__outcome__code")


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(
            followed_by(user, "candidate__adviser"),
            candidate__structure=user.structure_id,
        )

    def of_acts(self, acts: Iterable[uuid.UUID]) -> Self:
        return self.filter(act__in=acts)

    def with_facts(self) -> Self:
        """Read what the papers would say today (``Document.changes``, ``renewals``)."""
        today = facts_of(OuterRef("act__offer"), OuterRef("candidate"))
        return self.annotate(facts_today=today)

    def with_mails(self) -> Self:
        """Annotate ``was_mailed``: whether Opus ever sent it."""
        mails: Any = Document._meta.get_field("mails").related_model
        sent = mails.objects.filter(document=OuterRef("pk"))
        return self.annotate(was_mailed=Exists(sent))

    def unchanged(self) -> Self:
        """Filter those whose offer says what misled nobody (``changes``)."""
        return self.with_facts().filter(~misleads("made_of", "act__"))

    def of_live_acts(self) -> Self:
        """Filter those of live acts on open offers that nothing replaced."""
        return self.filter(IS_OPEN, act__state__in=LIVE_STATES, void_at=None)

    def outdated(self) -> Self:
        """Filter those of live acts whose open offer says otherwise."""
        return self.of_live_acts().with_facts().filter(misleads("made_of", "act__"))

    def good(self) -> Self:
        """Filter those that are not void (``void_since``)."""
        good = self.unchanged().filter(IS_OPEN, void_at__isnull=True)
        return good.exclude(act__state__in=REFUSED_STATES)

    def waiting_for_hand_over(self) -> Self:
        """Return those that their adviser has to hand over now, for a page."""
        acts = Act.objects.filter(pk=OuterRef("act"))
        is_next = Exists(acts.waiting_for(NextStep.HAND_OVER))
        waiting = self.filter(is_next, void_at=None)
        return waiting.with_offers().order_by("created_at", "pk")

    def to_announce(self) -> Self:
        """Filter those that mislead by what their adviser was not told."""
        said = voiding_part(F("facts_today"))
        new = Q(told_of__isnull=True) | ~Q(told_of=said)
        return self.outdated().filter(new)

    def right_again(self) -> Self:
        """Filter those whose adviser was told of a change that is undone."""
        return self.of_live_acts().unchanged().filter(told_of__isnull=False)

    def with_offers(self) -> Self:
        """Read persons and offers too, without their long texts."""
        shown = self.with_facts().select_related("candidate", *ACT_SHOWN)
        return shown.defer("content", "plain_html", *LONG_TEXTS)


class Document(FrozenDocument):
    """One frozen version of an act's document."""

    act = models.ForeignKey(
        Act, models.PROTECT, verbose_name="proposition", related_name="documents"
    )
    candidate = models.ForeignKey(
        Candidate, models.PROTECT, verbose_name="candidat", related_name="documents"
    )
    version = models.PositiveSmallIntegerField("version", default=1)
    title = models.CharField("titre", max_length=200)
    # The same act in plain words, from the same instant: an easy version made later
    # reads no offer.
    plain_html = models.TextField(editable=False, default="", db_default="")
    # Its line on the list of a person's documents, from the same instant.
    row_html = models.TextField(editable=False, default="", db_default="")
    void_at = models.DateTimeField("annulé le", null=True)
    # The digests of what it prints (``paper_facts.facts_of``); when the adviser was
    # notified that one that misleads is another, until it says the same again.
    made_of = ArrayField(
        models.CharField(max_length=32),
        verbose_name="ce qu’il imprime",
        null=True,
        editable=False,
    )
    change_told_at = models.DateTimeField(
        "changement de l’offre annoncé le", null=True, editable=False
    )
    told_of = ArrayField(
        models.CharField(max_length=32),
        verbose_name="ce qui a été annoncé",
        null=True,
        editable=False,
    )

    objects = DocumentQuerySet.as_manager()

    class Meta(FrozenDocument.Meta):
        verbose_name = "document"
        constraints = [
            *FrozenDocument.Meta.constraints,
            models.UniqueConstraint(
                fields=["act", "version"], name="one_document_of_act"
            ),
            # What a list of acts joins (``ActQuerySet.with_next_step``).
            models.UniqueConstraint(
                fields=["act"], condition=Q(void_at=None), name="one_document_in_force"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("document", args=[self.pk])

    @property
    def number(self) -> str:
        return f"{self.act.number}-{self.version}"

    @property
    def void_since(self) -> dt.datetime | None:
        """Return when its act was over or refused, its offer withdrawn or changed.

        An offer that comes back, or says again what it said, makes it good again; so
        does an application that France Travail takes up again.
        """
        if self.void_at:
            return self.void_at
        if refused_at := self.act.refused_at:
            return refused_at
        offer = self.act.offer
        if not offer.is_active:
            return offer.state_at
        return max(offer.imported_at, self.created_at) if self.changes else None

    @property
    def changes(self) -> list[str]:
        """Return what would mislead since it was made."""
        return changes(self.made_of, self._facts_today, self.act)

    @property
    def renewals(self) -> list[str]:
        """Return what a new version would say otherwise: the old one may serve."""
        return renewals(self.made_of, self._facts_today)

    @property
    def _facts_today(self) -> list[str]:
        now: list[str] | None = self.__dict__.get("facts_today")
        if now is None and self.made_of is not None:
            rows: Any = Document.objects.filter(pk=self.pk).with_facts()
            now = rows.values_list("facts_today", flat=True).get()
        return now or []

    @property
    def is_void(self) -> bool:
        return self.void_since is not None

    @property
    def why_void(self) -> str:
        """Return why it is void, a sentence for its holder; "" if it is not."""
        if self.void_at and self.act.state != self.act.CANCELLED:
            return "Une nouvelle version le remplace."
        if self.void_at:
            return self.act.CANCELLED_SENTENCE
        if self.act.refused_at:
            return "La candidature ne sera pas présentée à l’employeur."
        if not self.act.offer.is_active:
            return (
                "France Travail a retiré l’offre d’emploi\xa0: il n’y a plus lieu d’y "
                "postuler."
            )
        if changes := self.changes:
            return f"L’offre d’emploi a changé depuis\xa0: {join(changes)}."
        return ""

    def void(self, *, at: dt.datetime) -> None:
        """Void it permanently; text and PDF stay, as evidence."""
        self.state, self.void_at = FileState.CANCELLED, at
        self.save(update_fields=["state", "void_at"])


class EasyForm(models.TextChoices):
    LARGE = "gros-caracteres", "en gros caractères"
    PLAIN = "facile-a-lire", "facile à lire"


class EasyDocument(FrozenDocument):
    """The document in large print or plain words."""

    document = models.ForeignKey(
        Document, models.PROTECT, verbose_name="document", related_name="easy_documents"
    )
    form = models.CharField("forme", max_length=20, choices=EasyForm)

    class Meta(FrozenDocument.Meta):
        verbose_name = "document facilité"
        verbose_name_plural = "documents facilités"
        constraints = [
            *FrozenDocument.Meta.constraints,
            models.UniqueConstraint(
                fields=["document", "form"], name="one_easy_document_by_form"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document}, {self.get_form_display()}"

    @property
    def title(self) -> str:
        """Return its number and form, no name nor trade (V17)."""
        return f"Document n°\u00a0{self.document.number}, {self.get_form_display()}"


class VoidDocument(FrozenDocument):
    """The replacement of a void document, without the offer.

    Made on first use; an offer withdrawn twice has two.
    """

    document = models.ForeignKey(
        Document, models.PROTECT, verbose_name="document", related_name="void_documents"
    )
    since = models.DateTimeField("annulé le")

    class Meta(FrozenDocument.Meta):
        verbose_name = "document d’annulation"
        verbose_name_plural = "documents d’annulation"
        ordering = ("-since", "pk")
        constraints = [
            *FrozenDocument.Meta.constraints,
            models.UniqueConstraint(
                fields=["document", "since"], name="one_void_document_by_withdrawal"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} (annulé)"


def with_document(acts: QuerySet[Any], state: FileState) -> QuerySet[Any]:
    return acts.filter(Exists(Document.objects.filter(act=OuterRef("pk"), state=state)))


# The badge of each state.
JOB_BADGES = {
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
        return JOB_BADGES[FileState(self.state)]

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
