"""A demande de CV, on an offer whose preselection France Travail keeps (domain 5.4)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from offers.models import OfferState
from opus.lib import retention
from opus.lib.bounds import days_within
from opus.lib.calendar import past_months
from opus.lib.states import MoveRefused
from referrals.models.acts import Act, ActQuerySet, ActStep
from referrals.models.states import CV_AWAITED, CV_LIVE, CvState

NOT_HANDED_OVER = (
    "Enregistrez d’abord la remise de la lettre : un CV n’est reçu qu’ensuite "
    "(convention, art. 7)."
)
CLOSED_UNHANDED = (
    "Cette demande est close et sa lettre n’a jamais été remise : faites-en une "
    "nouvelle sur l’offre."
)
ALREADY_HANDED_OVER = "La remise de la lettre est déjà enregistrée : rechargez la page."


class CvRefusal(models.TextChoices):
    """Why France Travail does not keep a CV, in words that its adviser reads."""

    SKILLS = "competences", "compétences différentes de celles demandées"
    EXPERIENCE = "experience", "expérience insuffisante pour ce poste"
    MOBILITY = "mobilite", "lieu ou déplacements incompatibles"
    AVAILABILITY = "disponibilite", "disponibilité incompatible"
    LICENCE = "habilitation", "permis ou habilitation manquant"
    UNREADABLE = "illisible", "CV illisible ou incomplet"
    ENOUGH = "assez", "assez de candidatures retenues"


class CvRequestQuerySet(ActQuerySet["CvRequest"]):
    """Questions asked of sets of demandes de CV."""

    def awaited(self) -> Self:
        """Those whose CV has not come."""
        return self.filter(state__in=CV_AWAITED)

    def overdue(self) -> Self:
        """Those whose CV should have come by today."""
        return self.awaited().filter(due_on__lt=timezone.localdate())

    def to_close(self) -> Self:
        """Those whose CV is so late that Opus closes them (domain 5.8)."""
        last_day = timezone.localdate() - settings.CV_CLOSED_AFTER
        return self.awaited().filter(due_on__lte=last_day)

    def wanting_a_step(self) -> Self:
        """Those that wait for their adviser, the earliest due first: the letter is not
        handed over, the CV is overdue, or the offer was withdrawn meanwhile.
        """
        waiting = Q(state__in=CV_AWAITED)
        acts = self.live().filter(
            ~Q(offer__state=OfferState.ACTIVE)
            | waiting & Q(handed_over_on__isnull=True)
            | waiting & Q(due_on__lt=timezone.localdate())
        )
        return acts.order_by("due_on", "created_at", "pk")


class CvRequest(Act):
    """A CV asked of a person for an offer, by a date."""

    PREFIX = "DCV"
    LIVE = CV_LIVE
    MOVES = {
        CvState.ASKED: {
            CvState.HANDED_OVER,
            CvState.REMINDED,
            CvState.WITHOUT_CV,
            CvState.CANCELLED,
        },
        CvState.HANDED_OVER: {
            CvState.RECEIVED,
            CvState.REMINDED,
            CvState.WITHOUT_CV,
            CvState.CANCELLED,
        },
        CvState.REMINDED: {
            CvState.HANDED_OVER,
            CvState.RECEIVED,
            CvState.WITHOUT_CV,
            CvState.CANCELLED,
        },
        CvState.RECEIVED: {CvState.SENT, CvState.CANCELLED},
        CvState.SENT: {CvState.KEPT, CvState.NOT_KEPT, CvState.CANCELLED},
        # One that comes late after all.
        CvState.WITHOUT_CV: {CvState.RECEIVED},
    }

    state = models.CharField(
        "état",
        max_length=20,
        choices=CvState,
        default=CvState.ASKED,
        editable=False,
    )
    due_on = models.DateField("attendu le")
    refused_because = models.CharField(
        "non retenu parce que",
        max_length=20,
        choices=CvRefusal,
        blank=True,
        editable=False,
    )

    objects = CvRequestQuerySet.as_manager()

    class Meta(Act.Meta):
        verbose_name = "demande de CV"
        verbose_name_plural = "demandes de CV"
        constraints = [
            days_within("due_on", "handed_over_on", name="cv_request_within_the_years"),
            models.UniqueConstraint(
                fields=["offer", "candidate"],
                condition=Q(state__in=CV_LIVE),
                name="one_live_cv_request",
                violation_error_message="Le CV de cette personne est déjà demandé pour "
                "cette offre.",
            ),
            models.UniqueConstraint(
                fields=["adviser", "idempotency_key"], name="one_cv_request_by_form"
            ),
            models.CheckConstraint(
                condition=Q(state__in=CvState.values), name="cv_request_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(
                    state__in=[
                        CvState.HANDED_OVER,
                        CvState.RECEIVED,
                        CvState.SENT,
                        CvState.KEPT,
                        CvState.NOT_KEPT,
                    ]
                )
                | (Q(handed_over_on__isnull=False) & ~Q(channel="")),
                name="cv_request_goes_on_once_handed_over",
                violation_error_message="Enregistrez d’abord la remise de la lettre "
                "(convention, art. 7).",
            ),
            models.CheckConstraint(
                condition=~Q(state=CvState.NOT_KEPT) | ~Q(refused_because=""),
                name="cv_request_is_refused_for_a_reason",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("cv_request", args=[self.pk])

    @property
    def badge(self) -> str:
        """The kind of badge that the word calls for."""
        return {
            CvState.ASKED: "new",
            CvState.KEPT: "success",
            CvState.REMINDED: "warning",
            CvState.WITHOUT_CV: "warning",
            CvState.CANCELLED: "",
        }.get(CvState(self.state), "info")

    @property
    def can_be_handed_over(self) -> bool:
        """Once only: one that was reminded of since keeps its day of handing over."""
        return super().can_be_handed_over and self.handed_over_on is None

    @property
    def is_awaited(self) -> bool:
        return self.state in CV_AWAITED

    @property
    def is_overdue(self) -> bool:
        return self.is_awaited and self.due_on < timezone.localdate()

    @property
    def closes_on(self) -> dt.date:
        """The day on which Opus closes it without a CV (domain 5.8)."""
        return self.due_on + settings.CV_CLOSED_AFTER

    @property
    def can_be_received(self) -> bool:
        """Once its letter was handed over (art. 7), and late after all (5.4).

        Not while the offer is withdrawn: nobody would read it, and it would be kept
        for nothing (GDPR 5.1 c).
        """
        return (
            self.can_move_to(CvState.RECEIVED)
            and self.handed_over_on is not None
            and not self.offer_is_withdrawn
        )

    @property
    def can_be_relaunched(self) -> bool:
        """Its adviser may ask again, as often as he wants, who has the letter."""
        return self.is_awaited and self.handed_over_on is not None

    @property
    def cv(self) -> CvFile | None:
        """The CV that came last, without the weight of its bytes."""
        return self.files.defer("content").first()

    @property
    def is_readable_by_agency(self) -> bool:
        """Whether France Travail has a reason to open its CV: not once called off."""
        return self.state in {CvState.SENT, CvState.KEPT, CvState.NOT_KEPT}

    def lock(self) -> None:
        """Hold the row until the transaction ends, and know where it stands now."""
        rows = CvRequest._base_manager.select_for_update(no_key=True)
        fields = ["state", "channel", "handed_over_on"]
        self.refresh_from_db(fields=fields, from_queryset=rows)

    @transaction.atomic
    def hand_over(self, *, by: User, channel: str, on: dt.date) -> None:
        """The letter reached the person (art. 7), reminded of already or not."""
        self.lock()
        if self.handed_over_on:
            raise MoveRefused(ALREADY_HANDED_OVER)
        super().hand_over(by=by, channel=channel, on=on)

    @transaction.atomic
    def remind(self, *, by: User | None) -> None:
        """It is due, tells Opus once; or its adviser asked the person again.

        What its adviser does more than once is a step each, and no move.
        """
        self.lock()
        if by and self.state == CvState.REMINDED:
            self.steps.create(origin=self.state, target=self.state, by=by)
            return
        self._go_forward(CvState.REMINDED, by=by)

    @transaction.atomic
    def receive(self, *, by: User) -> None:
        """The CV is here; it goes to the agency at once."""
        self.lock()
        if self.can_move_to(CvState.RECEIVED) and self.handed_over_on is None:
            raise MoveRefused(NOT_HANDED_OVER if self.is_awaited else CLOSED_UNHANDED)
        self._go_forward(CvState.RECEIVED, by=by)
        self.move_to(CvState.SENT, by=None)

    def close_without(self) -> None:
        """It never came: Opus closes it."""
        self._go_forward(CvState.WITHOUT_CV, by=None)

    def keep(self, *, by: User) -> None:
        """France Travail keeps the CV: a mise en contact or a convocation follows."""
        self._go_forward(CvState.KEPT, by=by)

    def refuse(self, *, by: User, reason: str) -> None:
        """France Travail does not keep it, for a coded reason."""
        self._go_forward(
            CvState.NOT_KEPT,
            by=by,
            note={"reason": str(reason)},
            refused_because=reason,
        )


class CvRequestStep(ActStep):
    """One move of a demande de CV: a line of its timeline."""

    cv_request = models.ForeignKey(
        CvRequest,
        models.CASCADE,
        verbose_name="demande de CV",
        related_name="steps",
    )

    class Meta(ActStep.Meta):
        verbose_name = "étape d’une demande de CV"
        verbose_name_plural = "étapes d’une demande de CV"


class CvFormat(models.TextChoices):
    """What a CV may be: told by its bytes, not by its name."""

    PDF = "pdf", "PDF"
    DOCX = "docx", "Word (DOCX)"
    ODT = "odt", "OpenDocument (ODT)"


class CvFileQuerySet(models.QuerySet["CvFile"]):
    """Questions asked of CVs."""

    def to_purge(self) -> Self:
        """Those whose request has been closed for six months (domain 5.4)."""
        closing = CvRequestStep.objects.filter(
            ~Q(origin=F("target")),
            cv_request=OuterRef("cv_request"),
            target=OuterRef("cv_request__state"),
            at__lt=past_months(settings.KEPT.cv),
        )
        # Who is kept past her term keeps what she sent (V11).
        free = retention.free(candidates="cv_request__candidate")
        closed = self.exclude(cv_request__state__in=CV_LIVE)
        return closed.filter(Exists(closing), free, content__isnull=False)


class CvFile(models.Model):
    """A CV as it was given; its bytes go six months after the request is closed (5.4).

    It keeps no name of the person's own file: names tell of persons (V17).
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
            ),
        ]

    def __str__(self) -> str:
        return f"CV de la demande {self.cv_request.number}"

    @property
    def filename(self) -> str:
        """Under which it is downloaded: its act's number (V17)."""
        return f"cv-{self.cv_request.number}.{self.format}"
