"""A lost second factor: asked, perhaps confirmed by a second person, done (S10)."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models.users import User
from opus.lib.states import MoveRefused, Stateful, Step

SIGNER = TimestampSigner(salt="accounts.FactorReset")


class ResetState(models.TextChoices):
    """The life of a reset of somebody's factors."""

    ASKED = "demandee", "demandée"
    CONFIRMED = "confirmee", "confirmée par une seconde personne"
    DONE = "faite", "faite"
    STOPPED = "arretee", "arrêtée"
    LAPSED = "perimee", "périmée"


OPEN_STATES = (ResetState.ASKED, ResetState.CONFIRMED)


class IdentityCheck(models.TextChoices):
    """How the person's identity was checked: recorded, and coded (S10)."""

    IN_PERSON = "piece", "En personne, au vu d’une pièce d’identité"
    CALL_BACK = "rappel", "Par un rappel au numéro déjà connu de la structure"
    VIDEO = "video", "En visioconférence, au vu d’une pièce d’identité"


class LossReason(models.TextChoices):
    """Why the factors must go: coded, so that nobody writes about the person."""

    LOST = "perte", "Téléphone ou clé perdus"
    STOLEN = "vol", "Téléphone ou clé volés"
    BROKEN = "panne", "Appareil en panne ou remplacé"
    SEEN = "vu", "Codes vus par quelqu’un d’autre"


class FactorResetQuerySet(models.QuerySet["FactorReset"]):
    """Questions asked of sets of resets."""

    def open(self) -> Self:
        """Neither done nor stopped, whose time has not passed: a predicate, no job."""
        return self.filter(state__in=OPEN_STATES, lapses_at__gt=timezone.now())

    def to_confirm(self) -> Self:
        """Those that wait for a second member of staff."""
        return self.open().filter(state=ResetState.ASKED, four_eyes=True)


class FactorReset(Stateful):
    """Somebody lost his factors: they will go, and a new first access be drawn.

    Nothing changes before ``ready_at``: a day after the asking, of which the holder is
    told at once with a link that stops it. After ``lapses_at`` it must be asked again.
    """

    MOVES = {
        ResetState.ASKED: {
            ResetState.CONFIRMED,
            ResetState.DONE,
            ResetState.STOPPED,
            ResetState.LAPSED,
        },
        ResetState.CONFIRMED: {
            ResetState.DONE,
            ResetState.STOPPED,
            ResetState.LAPSED,
        },
    }

    account = models.ForeignKey(
        User, models.CASCADE, verbose_name="compte", related_name="factor_resets"
    )
    state = models.CharField(
        "état",
        max_length=20,
        choices=ResetState,
        default=ResetState.ASKED,
        editable=False,
    )
    check_done = models.CharField(
        "vérification d’identité", max_length=20, choices=IdentityCheck
    )
    reason = models.CharField("motif", max_length=20, choices=LossReason)
    # Whether two members of staff must want it: for all but an adviser's account.
    four_eyes = models.BooleanField("deux personnes")
    asked_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="demandée par", related_name="+"
    )
    asked_at = models.DateTimeField("demandée le", default=timezone.now)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="confirmée par", null=True, related_name="+"
    )
    ready_at = models.DateTimeField("possible à partir du")
    lapses_at = models.DateTimeField("périmée le")
    done_at = models.DateTimeField("faite le", null=True)

    objects = FactorResetQuerySet.as_manager()

    class Meta:
        verbose_name = "remise à zéro des seconds facteurs"
        verbose_name_plural = "remises à zéro des seconds facteurs"
        ordering = ("-asked_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(state__in=OPEN_STATES),
                name="one_open_factor_reset",
                violation_error_message="Une remise à zéro est déjà demandée.",
            ),
            models.CheckConstraint(
                condition=~Q(asked_by=F("account"))
                & (Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("account"))),
                name="nobody_resets_his_own_factors",
                violation_error_message="Personne ne remet à zéro ses propres "
                "seconds facteurs.",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("asked_by")),
                name="factor_reset_by_two_persons",
                violation_error_message="Une autre personne que celle qui a demandé "
                "la remise à zéro doit la confirmer.",
            ),
            models.CheckConstraint(
                condition=~Q(state=ResetState.DONE, four_eyes=True)
                | Q(confirmed_by__isnull=False),
                name="factor_reset_confirmed_before_done",
                violation_error_message="Une seconde personne doit d’abord confirmer.",
            ),
            models.CheckConstraint(
                condition=~Q(state=ResetState.DONE)
                | Q(done_at__isnull=False, done_at__gte=F("ready_at")),
                name="factor_reset_after_its_notice",
                violation_error_message="La personne est prévenue 24 heures avant.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ResetState.values),
                name="factor_reset_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"remise à zéro {self.pk}"

    @property
    def is_over(self) -> bool:
        """Whether nothing more can come of it, whatever its state says."""
        return self.state not in OPEN_STATES or self.lapses_at <= timezone.now()

    @property
    def must_be_confirmed(self) -> bool:
        """Whether it waits for a second person."""
        return self.four_eyes and self.state == ResetState.ASKED

    @property
    def is_ready(self) -> bool:
        """Whether it may be done now: the holder had his day to stop it."""
        return not (
            self.is_over or self.must_be_confirmed or self.ready_at > timezone.now()
        )

    @property
    def stop_token(self) -> str:
        """What the notice's link holds: it stops this reset, and does nothing else."""
        return SIGNER.sign(str(self.pk))

    @classmethod
    def of_token(cls, token: str) -> Self:
        """The reset that a notice's link is about.

        Raises:
            FactorReset.DoesNotExist: the link is not ours, or too old.
        """
        try:
            pk = SIGNER.unsign(token, max_age=settings.FACTOR_RESET_LASTS)
        except BadSignature as error:
            raise cls.DoesNotExist from error
        return cls.objects.select_related("account").get(pk=pk)

    def confirm(self, *, by: User) -> None:
        """A second member of staff wants it too.

        Raises:
            MoveRefused: it is the same person, or the account's holder, or too late.
        """
        if by.pk in {self.asked_by_id, self.account_id}:
            raise MoveRefused(
                "Une autre personne que celle qui a demandé la remise à zéro doit la "
                "confirmer, et jamais le titulaire du compte."
            )
        if self.is_over:
            raise MoveRefused(OVER)
        self.move_to(ResetState.CONFIRMED, by=by, confirmed_by=by)

    def finish(self, *, by: User) -> None:
        """The factors go now.

        Raises:
            MoveRefused: it is too early, too late, or a second person is missing.
        """
        if by.pk == self.account_id:
            raise MoveRefused("Personne ne remet à zéro ses propres seconds facteurs.")
        if not self.is_ready:
            raise MoveRefused(OVER if self.is_over else NOT_YET)
        self.move_to(ResetState.DONE, by=by, done_at=timezone.now())

    def stop(self, *, by: User | None) -> None:
        """Its holder, by the notice's link (None), or who had asked, wants it no more.

        Raises:
            MoveRefused: it is done already, or stopped.
        """
        self.move_to(ResetState.STOPPED, by=by)

    def lapse(self) -> None:
        """Its time passed: it leaves the place to another."""
        self.move_to(ResetState.LAPSED, by=None)


OVER = (
    "Cette demande n’est plus en cours : elle a été faite, arrêtée, ou son délai est "
    "passé. S’il le faut, faites-en une autre."
)
NOT_YET = (
    "La remise à zéro n’est pas encore possible : la personne est prévenue 24 heures "
    "avant, et pour un RGC ou un agent une seconde personne doit confirmer."
)


class FactorResetStep(Step):
    """One move of a reset."""

    reset = models.ForeignKey(
        FactorReset, models.CASCADE, verbose_name="demande", related_name="steps"
    )
    by = models.ForeignKey(
        User, models.PROTECT, verbose_name="par", null=True, related_name="+"
    )

    class Meta(Step.Meta):
        verbose_name = "étape d’une remise à zéro"
        verbose_name_plural = "étapes d’une remise à zéro"

    @property
    def label(self) -> str:
        """What happened, as the account's history tells it."""
        return LABELS[ResetState(self.target)]


LABELS = {
    ResetState.ASKED: "Remise à zéro des seconds facteurs demandée",
    ResetState.CONFIRMED: "Remise à zéro confirmée par une seconde personne",
    ResetState.DONE: "Seconds facteurs remis à zéro",
    ResetState.STOPPED: "Remise à zéro arrêtée",
    ResetState.LAPSED: "Remise à zéro périmée",
}
