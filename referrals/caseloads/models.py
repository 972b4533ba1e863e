"""One decision for each gesture that opens persons to an account (ADR 28).

Art. 4.2, S39.
"""

import datetime as dt
import uuid
from typing import Self

from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.signin.models import LinkExpired
from accounts.users.models import User, person_key
from opus.lib.database.states import Stateful, Step, known, state_field
from opus.lib.dates import date_format, days_within, moment
from opus.lib.french import of

SIGNER = TimestampSigner(salt="referrals.CaseloadTransfer")
# A constraint too, whatever the settings: what waits, waits a day.
A_DAY = dt.timedelta(hours=24)


class TransferState(models.TextChoices):
    WAITING = "attente", "en attente"
    DONE = "fait", "fait"
    STOPPED = "arrete", "arrêté"
    GIVEN_BACK = "rendu", "fait, puis rendu"


class TransferKind(models.TextChoices):
    FOR_GOOD = "definitif", "pour toujours"
    FOR_A_TIME = "temps", "pour un temps"


class WhyAtOnce(models.TextChoices):
    OWN = "soi", "ses propres candidats"
    FEW = "peu", "peu de candidats"


class CaseloadTransferQuerySet(models.QuerySet["CaseloadTransfer"]):
    def waiting(self) -> Self:
        return self.filter(state=TransferState.WAITING)

    def with_people(self) -> Self:
        return self.select_related(
            "account__structure", "asked_by", "acts_to", "others_to"
        )

    def due(self) -> Self:
        return self.waiting().filter(ready_at__lte=timezone.now())

    def to_look_at(self) -> Self:
        """Filter those that France Travail has to look at: a new account, a denial."""
        worth = Q(receiver_is_new=True) | Q(disowned_at__isnull=False)
        return self.filter(worth, checked_at__isnull=True)

    def unseen_by(self, account: User) -> Self:
        """Filter what somebody else did with one's persons, not seen yet."""
        mine = self.filter(account=account, seen_at__isnull=True)
        return mine.exclude(asked_by=account).with_people().order_by("asked_at")


class CaseloadTransfer(Stateful):
    """Who acts, who receives, whose persons, and why at once or until when.

    A new follower or stand-in needs one that its own transaction applies: triggers. The
    persons move when it is applied, including those added meanwhile.
    """

    MOVES = {
        TransferState.WAITING: {TransferState.DONE, TransferState.STOPPED},
        TransferState.DONE: {TransferState.GIVEN_BACK},
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = person_key("conseiller", related_name="transfers")
    state = state_field(TransferState.WAITING)
    kind = models.CharField(
        "durée",
        max_length=10,
        choices=TransferKind,
        default=TransferKind.FOR_GOOD,
        db_default=TransferKind.FOR_GOOD,
    )
    asked_by = person_key("demandé par", related_name="asked_transfers")
    acts_to = person_key("candidats avec une proposition en cours", null=True)
    others_to = person_key("autres candidats", null=True)
    # Of a stand-in.
    starts_on = models.DateField("premier jour", null=True)
    ends_on = models.DateField("dernier jour", null=True)
    people = models.PositiveIntegerField("candidats")
    acts = models.PositiveIntegerField("propositions en cours")
    asked_at = models.DateTimeField("demandé le", default=timezone.now)
    # Empty: it waits.
    at_once = models.CharField(
        "pourquoi tout de suite",
        max_length=10,
        choices=WhyAtOnce,
        blank=True,
        db_default="",
        default="",
    )
    ready_at = models.DateTimeField("possible à partir du")
    receiver_is_new = models.BooleanField(
        "vers un compte récent", default=False, db_default=False
    )
    confirmed_by = person_key("confirmé par", null=True)
    done_at = models.DateTimeField("fait le", null=True)
    # The transaction that applied it or gave back; a trigger writes it.
    applied_in = models.BigIntegerField(null=True, editable=False)
    # The giver has seen it, or denied it; France Travail has looked.
    seen_at = models.DateTimeField("vu le", null=True)
    disowned_at = models.DateTimeField("désavoué le", null=True)
    checked_at = models.DateTimeField("vérifié le", null=True)
    checked_by = person_key("vérifié par", null=True, db_index=False)

    objects = CaseloadTransferQuerySet.as_manager()

    class Meta:
        verbose_name = "transfert de suivis"
        verbose_name_plural = "transferts de suivis"
        ordering = ("-asked_at",)
        constraints = [
            days_within("starts_on", "ends_on", name="transfer_within_the_years"),
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(state=TransferState.WAITING),
                name="one_waiting_transfer",
                violation_error_message="Les candidats suivis par ce compte attendent "
                "déjà d’être confiés\u00a0: annulez d’abord cette demande.",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True)
                | ~Q(confirmed_by=F("asked_by"))
                | Q(account=F("asked_by")),
                name="transfer_by_two_persons",
                violation_error_message="Une autre personne que celle qui a demandé le "
                "transfert doit le confirmer.",
            ),
            models.CheckConstraint(
                condition=Q(kind=TransferKind.FOR_A_TIME) | ~Q(account=F("asked_by")),
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
                condition=Q(at_once="", ready_at__gte=F("asked_at") + A_DAY)
                | Q(at_once=WhyAtOnce.OWN, account=F("asked_by"), receiver_is_new=False)
                | (
                    Q(at_once=WhyAtOnce.FEW, receiver_is_new=False, people__lte=20)
                    & (Q(acts_to__isnull=True) | ~Q(acts_to=F("asked_by")))
                    & (Q(others_to__isnull=True) | ~Q(others_to=F("asked_by")))
                ),
                name="transfer_waits_or_says_why_not",
                violation_error_message="Ces candidats attendent 24 heures.",
            ),
            models.CheckConstraint(
                condition=Q(kind=TransferKind.FOR_GOOD, starts_on=None, ends_on=None)
                | Q(
                    kind=TransferKind.FOR_A_TIME,
                    acts_to=None,
                    ends_on__gte=F("starts_on"),
                ),
                name="transfer_for_a_time_has_days",
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
    def is_for_a_time(self) -> bool:
        return self.kind == TransferKind.FOR_A_TIME

    @property
    def is_own(self) -> bool:
        return self.asked_by_id == self.account_id

    @property
    def announcement(self) -> str:
        """Return « Ces 110 candidats seront confiés demain… »."""
        who = f"Ces {self.people} candidats seront confiés"
        if self.people == 1:
            who = "Ce candidat sera confié"
        return f"{who} {day_and_time(self.ready_at)}, sauf opposition."

    @property
    def can_be_stopped(self) -> bool:
        """Return whether it waits, or was done recently enough to be given back."""
        since = timezone.now() - settings.HANDOVER.link_lasts
        is_recent = self.done_at is not None and self.done_at > since
        return self.is_waiting or (self.state == TransferState.DONE and is_recent)

    @property
    def may_be_confirmed_by_link(self) -> bool:
        """Return whether the link may confirm: the address is old."""
        since = self.asked_at - settings.HANDOVER.address_known_after
        return not self.account.address_changes.filter(at__gt=since).exists()

    @property
    def token(self) -> str:
        return SIGNER.sign(str(self.pk))

    @classmethod
    def of_token(cls, token: str) -> "CaseloadTransfer":
        """Return a link's transfer. Raises DoesNotExist, LinkExpired."""
        try:
            pk = SIGNER.unsign(token, max_age=settings.HANDOVER.link_lasts)
        except SignatureExpired as error:
            raise LinkExpired from error
        except BadSignature as error:
            raise cls.DoesNotExist from error
        return cls.objects.with_people().get(pk=pk)


def day_and_time(at: dt.datetime) -> str:
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
