"""Resets of lost second factors, in steps (S10)."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.users.models.first_access import IdentityCheck
from accounts.users.models.keys import account_key, person_key
from accounts.users.models.users import User
from opus.lib.database.states import (
    MoveRefused,
    Stateful,
    Step,
    known,
    state_field,
    step_key,
)

SIGNER = TimestampSigner(salt="accounts.FactorReset")


class ResetState(models.TextChoices):
    REQUESTED = "demandee", "demandée"
    CONFIRMED = "confirmee", "confirmée par une seconde personne"
    DONE = "faite", "faite"
    STOPPED = "arretee", "arrêtée"
    LAPSED = "perimee", "périmée"


OPEN_STATES = (ResetState.REQUESTED, ResetState.CONFIRMED)
ENDED_STATES: set[str] = {ResetState.DONE, ResetState.STOPPED, ResetState.LAPSED}


class LossReason(models.TextChoices):
    """A code, never text about the person."""

    LOST = "perte", "Téléphone ou clé perdus"
    STOLEN = "vol", "Téléphone ou clé volés"
    BROKEN = "panne", "Appareil en panne ou remplacé"
    SEEN = "vu", "Codes vus par quelqu’un d’autre"


class FactorResetQuerySet(models.QuerySet["FactorReset"]):
    def open(self) -> Self:
        """Filter resets neither finished nor expired: no job is needed."""
        return self.filter(state__in=OPEN_STATES, lapses_at__gt=timezone.now())

    def to_confirm(self) -> Self:
        return self.open().filter(state=ResetState.REQUESTED, four_eyes=True)


class FactorReset(Stateful):
    """Factors to delete, with a new first access, after notice.

    Nothing changes before ``ready_at``, a day later; a link of the notice stops it.
    After ``lapses_at`` it must be requested again.
    """

    MOVES = {
        ResetState.REQUESTED: {ResetState.CONFIRMED, *ENDED_STATES},
        ResetState.CONFIRMED: ENDED_STATES,
    }

    account = account_key("factor_resets", models.CASCADE)
    state = state_field(ResetState.REQUESTED)
    check_done = models.CharField(
        "vérification d’identité", max_length=20, choices=IdentityCheck
    )
    reason = models.CharField("motif", max_length=20, choices=LossReason)
    # Two members of staff are required for all but an adviser's account.
    four_eyes = models.BooleanField("deux personnes")
    asked_by = person_key("demandée par")
    asked_at = models.DateTimeField("demandée le", default=timezone.now)
    confirmed_by = person_key("confirmée par", null=True)
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
            known(ResetState, "factor_reset_state_is_known"),
        ]

    def __str__(self) -> str:
        return f"remise à zéro {self.pk}"

    @property
    def is_over(self) -> bool:
        return self.state not in OPEN_STATES or self.lapses_at <= timezone.now()

    @property
    def must_be_confirmed(self) -> bool:
        return self.four_eyes and self.state == ResetState.REQUESTED

    @property
    def is_ready(self) -> bool:
        return not (
            self.is_over or self.must_be_confirmed or self.ready_at > timezone.now()
        )

    @property
    def stop_token(self) -> str:
        """Return the notice's token: it can only stop this reset."""
        return SIGNER.sign(str(self.pk))

    @classmethod
    def of_token(cls, token: str) -> Self:
        """Find by the link; raise DoesNotExist if invalid."""
        try:
            pk = SIGNER.unsign(token, max_age=settings.FACTOR_RESET_LASTS)
        except BadSignature as error:
            raise cls.DoesNotExist from error
        return cls.objects.select_related("account").get(pk=pk)

    def confirm(self, *, by: User) -> None:
        """Confirm; raise MoveRefused for requester, holder, or too late."""
        if by.pk in {self.asked_by_id, self.account_id}:
            raise MoveRefused(
                "Une autre personne que celle qui a demandé la remise à zéro doit la "
                "confirmer, et jamais le titulaire du compte."
            )
        if self.is_over:
            raise MoveRefused(OVER)
        self.move_to(ResetState.CONFIRMED, by=by, confirmed_by=by)

    def finish(self, *, by: User) -> None:
        """Finish; raise MoveRefused if early, late or not confirmed."""
        if by.pk == self.account_id:
            raise MoveRefused("Personne ne remet à zéro ses propres seconds facteurs.")
        if not self.is_ready:
            raise MoveRefused(OVER if self.is_over else NOT_YET)
        self.move_to(ResetState.DONE, by=by, done_at=timezone.now())

    def stop(self, *, by: User | None) -> None:
        self.move_to(ResetState.STOPPED, by=by)


OVER = (
    "Cette demande n’est plus en cours : elle a été faite, arrêtée, ou son délai est "
    "passé. S’il le faut, faites-en une autre."
)
NOT_YET = (
    "La remise à zéro n’est pas encore possible : la personne est prévenue 24 heures "
    "avant, et pour un RGC ou un agent une seconde personne doit confirmer."
)


class FactorResetStep(Step):
    reset = step_key(FactorReset, "demande")

    class Meta(Step.Meta):
        verbose_name = "étape d’une remise à zéro"
        verbose_name_plural = "étapes d’une remise à zéro"

    @property
    def label(self) -> str:
        return LABELS[ResetState(self.target)]


LABELS = {
    ResetState.REQUESTED: "Remise à zéro des seconds facteurs demandée",
    ResetState.CONFIRMED: "Remise à zéro confirmée par une seconde personne",
    ResetState.DONE: "Seconds facteurs remis à zéro",
    ResetState.STOPPED: "Remise à zéro arrêtée",
    ResetState.LAPSED: "Remise à zéro périmée",
}
