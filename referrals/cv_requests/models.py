"""Demandes de CV, on preselected offers."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.users.models import User
from offers.enums import OfferState
from opus.lib.database.states import MoveRefused
from opus.lib.dates import past_months
from opus.lib.privacy import retention
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act, ActQuerySet, ActStep, KindManager
from referrals.acts.states import CV_AWAITED, CV_LIVE, CancelReason, CvRefusal, CvState

S = CvState
NOT_HANDED_OVER = (
    "Marquez d’abord le document remis : un CV n’est reçu qu’ensuite "
    "(convention, art. 7)."
)
CLOSED_UNHANDED = (
    "Cette demande est close et son document n’a jamais été remis : faites-en une "
    "nouvelle sur l’offre."
)
ALREADY_HANDED_OVER = "Le document est déjà marqué remis : rechargez la page."

# France Travail would read the CV.
OF_USE = Q(offer__state=OfferState.ACTIVE, offer__preselection=True)
# From its letter to its closing, at least.
TIME_TO_ANSWER = dt.timedelta(days=7)


class CvRequestQuerySet(ActQuerySet["CvRequest"]):
    def awaited(self) -> Self:
        return self.filter(state__in=CV_AWAITED)

    def overdue(self) -> Self:
        """Filter the late ones; none is while nobody would read its CV."""
        return self.awaited().filter(OF_USE, due_on__lt=timezone.localdate())

    def to_close(self) -> Self:
        """Return those so late that Opus closes them.

        Not before the adviser had a week from the letter that said so, and from the
        offer's return: also after days when no job ran.
        """
        last_day = timezone.localdate() - settings.CV_CLOSED_AFTER
        a_week_ago = timezone.now() - TIME_TO_ANSWER
        return self.overdue().filter(
            due_on__lte=last_day,
            reminded_at__lte=a_week_ago,
            offer__state_at__lte=a_week_ago,
        )


class CvRequest(Act):
    KIND = ActKind.CV_REQUEST
    PREFIX = "DCV"
    CANCELLED_SENTENCE = "La demande de CV a été annulée."
    FIRST = S.REQUESTED
    CODED = {"reason": dict([*CancelReason.choices, *CvRefusal.choices])}
    BADGES = {
        S.REQUESTED: "new",
        S.KEPT: "success",
        S.REMINDED: "warning",
        S.WITHOUT_CV: "warning",
        S.CANCELLED: "",
    }
    MOVES = {
        S.REQUESTED: {S.HANDED_OVER, S.REMINDED, S.WITHOUT_CV, S.CANCELLED},
        S.HANDED_OVER: {S.RECEIVED, S.REMINDED, S.WITHOUT_CV, S.CANCELLED},
        S.REMINDED: {S.HANDED_OVER, S.RECEIVED, S.WITHOUT_CV, S.CANCELLED},
        S.RECEIVED: {S.SENT, S.CANCELLED},
        S.SENT: {S.KEPT, S.NOT_KEPT, S.CANCELLED},
        # A late CV.
        S.WITHOUT_CV: {S.RECEIVED},
    }

    due_on: dt.date

    objects: ClassVar[Any] = KindManager.from_queryset(CvRequestQuerySet)()

    class Meta:
        proxy = True
        verbose_name = "demande de CV"
        verbose_name_plural = "demandes de CV"

    @property
    def can_be_handed_over(self) -> bool:
        """Return True once only: later reminders keep the first day."""
        return super().can_be_handed_over and self.handed_over_on is None

    @property
    def is_awaited(self) -> bool:
        return self.state in CV_AWAITED

    @property
    def is_overdue(self) -> bool:
        is_late = self.due_on < timezone.localdate()
        return self.is_awaited and is_late and self.is_of_use

    @property
    def closes_on(self) -> dt.date:
        """Return the day when Opus closes it (5.8)."""
        return self.due_on + settings.CV_CLOSED_AFTER

    @property
    def can_be_received(self) -> bool:
        """Return whether it is handed over (7), its offer preselected."""
        return (
            self.can_move_to(S.RECEIVED)
            and self.handed_over_on is not None
            and self.is_of_use
        )

    @property
    def is_of_use(self) -> bool:
        """Return whether France Travail would read the CV."""
        return self.offer.is_active and self.offer.preselection

    @property
    def can_be_relaunched(self) -> bool:
        has_letter = self.handed_over_on is not None and self.is_of_use
        return self.is_awaited and has_letter

    @property
    def cv(self) -> CvFile | None:
        return self.files.defer("content").first()

    @property
    def is_readable_by_agency(self) -> bool:
        """Return whether France Travail may open its CV."""
        return self.state in {S.SENT, S.KEPT, S.NOT_KEPT}

    @transaction.atomic
    def hand_over(self, *, by: User, channel: str, on: dt.date) -> None:
        """Record that the person has the letter (art. 7)."""
        self.lock()
        if self.handed_over_on:
            raise MoveRefused(ALREADY_HANDED_OVER)
        super().hand_over(by=by, channel=channel, on=on)

    @transaction.atomic
    def remind(self, *, by: User | None) -> None:
        """Record a reminder; only the first one changes the state."""
        self.lock()
        if by and self.state == S.REMINDED:
            self.steps.create(origin=self.state, target=self.state, by=by)
            return
        self._go_forward(S.REMINDED, by=by)

    @transaction.atomic
    def receive(self, *, by: User) -> None:
        self.lock()
        if self.can_move_to(S.RECEIVED) and self.handed_over_on is None:
            raise MoveRefused(NOT_HANDED_OVER if self.is_awaited else CLOSED_UNHANDED)
        self._go_forward(S.RECEIVED, by=by)
        self.move_to(S.SENT, by=None)

    def close_without(self) -> None:
        self._go_forward(S.WITHOUT_CV, by=None)

    def keep(self, *, by: User) -> None:
        self._go_forward(S.KEPT, by=by)

    def refuse(self, *, by: User, reason: str) -> None:
        self._go_forward(S.NOT_KEPT, by=by, note={"reason": str(reason)}, reason=reason)


class CvFormat(models.TextChoices):
    """The formats of a CV, detected by its bytes."""

    PDF = "pdf", "PDF"
    DOCX = "docx", "Word (DOCX)"
    ODT = "odt", "OpenDocument (ODT)"


class CvFileQuerySet(models.QuerySet["CvFile"]):
    def to_purge(self) -> Self:
        """Return those closed for six months."""
        closing = ActStep.objects.filter(
            ~Q(origin=F("target")),
            act=OuterRef("cv_request"),
            target=OuterRef("cv_request__state"),
            at__lt=past_months(settings.KEPT.cv),
        )
        # Keep the CVs of persons kept past their term (V11).
        free = retention.free(candidates="cv_request__candidate")
        closed = self.exclude(cv_request__state__in=CV_LIVE)
        return closed.filter(Exists(closing), free, content__isnull=False)


class CvFile(models.Model):
    """A CV, erased six months after the request closes (5.4).

    The person's own file name is not stored (V17).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cv_request = models.ForeignKey(
        CvRequest, models.PROTECT, verbose_name="demande de CV", related_name="files"
    )
    format = models.CharField("format", max_length=10, choices=CvFormat)
    content = models.BinaryField(null=True, editable=False)
    sha256 = models.CharField("empreinte", max_length=64, editable=False)
    size = models.PositiveIntegerField("taille (octets)", editable=False)
    by = models.ForeignKey(
        User, models.PROTECT, verbose_name="déposé par", related_name="+"
    )
    at = models.DateTimeField("déposé le", db_default=Now())
    purged_at = models.DateTimeField("effacé le", null=True, editable=False)

    objects = CvFileQuerySet.as_manager()

    class Meta:
        verbose_name = "CV"
        verbose_name_plural = "CV"
        ordering = ("-at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(content__isnull=True, purged_at__isnull=False)
                | Q(content__isnull=False, purged_at__isnull=True),
                name="cv_is_there_until_purged",
            )
        ]

    def __str__(self) -> str:
        return f"CV de la demande {self.cv_request.number}"

    @property
    def filename(self) -> str:
        """Return the file name: its act's number (V17)."""
        return f"cv-{self.cv_request.number}.{self.format}"
