"""Caseload transfers: at once, or after a day.

Art. 4.2, domain 5.6, S39.
"""

import datetime as dt
import uuid
from typing import Self

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.users.models.users import User
from opus.lib.database.states import Stateful, Step, known, state_field
from opus.lib.dates.formats import date_format, moment
from opus.lib.french import of

SIGNER = TimestampSigner(salt="referrals.CaseloadTransfer")
# A constraint too, whatever the settings: no immediate transfer to oneself.
A_DAY = dt.timedelta(hours=24)


class TransferState(models.TextChoices):
    WAITING = "attente", "en attente"
    DONE = "fait", "fait"
    STOPPED = "arrete", "arrêté"


class CaseloadTransferQuerySet(models.QuerySet["CaseloadTransfer"]):
    def waiting(self) -> Self:
        return self.filter(state=TransferState.WAITING)

    def with_people(self) -> Self:
        return self.select_related(
            "account__structure", "asked_by", "acts_to", "others_to"
        )

    def due(self) -> Self:
        return self.waiting().filter(ready_at__lte=timezone.now())

    def recent(self, account: User, *, by: User) -> Self:
        """Return one user's transfers of an account within a day."""
        since = timezone.now() - settings.HANDOVER.waits
        return self.filter(account=account, asked_by=by, asked_at__gt=since).exclude(
            state=TransferState.STOPPED
        )


class CaseloadTransfer(Stateful):
    """All persons of an account, for one or two colleagues.

    They move when it is applied, including those added meanwhile.
    """

    MOVES = {TransferState.WAITING: {TransferState.DONE, TransferState.STOPPED}}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(
        User, models.PROTECT, verbose_name="conseiller", related_name="transfers"
    )
    state = state_field(TransferState.WAITING)
    asked_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="demandé par", related_name="+"
    )
    acts_to = models.ForeignKey(
        User,
        models.PROTECT,
        verbose_name="candidats avec une proposition en cours",
        null=True,
        related_name="+",
    )
    others_to = models.ForeignKey(
        User,
        models.PROTECT,
        verbose_name="autres candidats",
        null=True,
        related_name="+",
    )
    people = models.PositiveIntegerField("candidats")
    acts = models.PositiveIntegerField("propositions en cours")
    asked_at = models.DateTimeField("demandé le", default=timezone.now)
    ready_at = models.DateTimeField("possible à partir du")
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="confirmé par", null=True, related_name="+"
    )
    done_at = models.DateTimeField("fait le", null=True)

    objects = CaseloadTransferQuerySet.as_manager()

    class Meta:
        verbose_name = "transfert de suivis"
        verbose_name_plural = "transferts de suivis"
        ordering = ("-asked_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(state=TransferState.WAITING),
                name="one_waiting_transfer",
                violation_error_message="Les candidats suivis par ce compte attendent "
                "déjà d’être confiés\u00a0: annulez d’abord cette demande.",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("asked_by")),
                name="transfer_by_two_persons",
                violation_error_message="Une autre personne que celle qui a demandé le "
                "transfert doit le confirmer.",
            ),
            models.CheckConstraint(
                condition=~Q(account=F("asked_by")),
                name="transfer_of_somebody_else",
                violation_error_message="On ne confie pas ses propres suivis.",
            ),
            models.CheckConstraint(
                condition=~Q(state=TransferState.DONE)
                | Q(done_at__gte=F("ready_at"))
                | Q(done_at__isnull=False, confirmed_by__isnull=False),
                name="transfer_after_its_notice",
                violation_error_message="Ces candidats attendent 24 heures, sauf si "
                "une seconde personne confirme.",
            ),
            models.CheckConstraint(
                condition=(
                    (Q(acts_to__isnull=True) | ~Q(acts_to=F("asked_by")))
                    & (Q(others_to__isnull=True) | ~Q(others_to=F("asked_by")))
                )
                | Q(ready_at__gte=F("asked_at") + A_DAY),
                name="transfer_to_oneself_waits",
                violation_error_message="Confier des candidats à soi-même attend 24 "
                "heures.",
            ),
            models.CheckConstraint(
                condition=Q(acts_to__isnull=False) | Q(others_to__isnull=False),
                name="transfer_goes_to_somebody",
            ),
            known(TransferState, "transfer_state_is_known"),
        ]
        indexes = [
            models.Index(
                fields=["ready_at"],
                condition=Q(state=TransferState.WAITING),
                name="transfer_waiting",
            )
        ]

    def __str__(self) -> str:
        people = f"{self.people} candidat{'s' if self.people > 1 else ''}"
        return f"{people} {of(self.account)}"

    @property
    def is_waiting(self) -> bool:
        return self.state == TransferState.WAITING

    @property
    def is_late(self) -> bool:
        """Return whether its day has passed without a move."""
        return self.is_waiting and self.ready_at <= timezone.now()

    @property
    def is_to_oneself(self) -> bool:
        return self.asked_by_id in (self.acts_to_id, self.others_to_id)

    @property
    def receivers(self) -> list[User]:
        return list(dict.fromkeys(filter(None, (self.acts_to, self.others_to))))

    @property
    def to_words(self) -> str:
        return " et ".join(map(str, self.receivers))

    @property
    def announcement(self) -> str:
        """Return « Ces 110 candidats seront confiés demain… »."""
        who = f"Ces {self.people} candidats seront confiés"
        if self.people == 1:
            who = "Ce candidat sera confié"
        return f"{who} {day_and_time(self.ready_at)}, sauf opposition."

    @property
    def may_be_confirmed_by_link(self) -> bool:
        """Return whether the link may confirm: the address is old."""
        since = self.asked_at - settings.HANDOVER.address_known_after
        return not self.account.address_changes.filter(at__gt=since).exists()

    @property
    def token(self) -> str:
        return SIGNER.sign(str(self.pk))

    @classmethod
    def of_token(cls, token: str) -> Self:
        """Return a link's transfer. Raises DoesNotExist: invalid, or old."""
        try:
            pk = SIGNER.unsign(token, max_age=settings.HANDOVER.link_lasts)
        except BadSignature as error:
            raise cls.DoesNotExist from error
        return cls.objects.with_people().get(pk=pk)


def day_and_time(at: dt.datetime) -> str:
    """Format « demain à 15 h 42 »."""
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    if timezone.localdate(at) == tomorrow:
        return f"demain {date_format(timezone.localtime(at), r'à G \h i')}"
    return f"le {moment(at)}"


class CaseloadTransferStep(Step):
    transfer = models.ForeignKey(
        CaseloadTransfer, models.PROTECT, verbose_name="transfert", related_name="steps"
    )

    class Meta(Step.Meta):
        verbose_name = "étape d’un transfert de suivis"
        verbose_name_plural = "étapes d’un transfert de suivis"
