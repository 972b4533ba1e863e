"""The base of the four acts of article 3.2."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import ExpressionWrapper, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts.structures.models import Structure
from accounts.users.models.users import User
from offers.catalogue.models import Offer
from offers.enums import OfferState
from opus.lib.database.states import MoveRefused, Stateful, Step
from opus.lib.dates.formats import date_format
from opus.lib.outbound import outbox, webhooks
from referrals.acts.act_rights import ActKind
from referrals.candidates.models.candidates import Candidate
from referrals.candidates.models.stand_ins import followed_by, follower_of

ADVISER_HANDS_OVER = (
    "Remettre le document revient au conseiller qui accompagne le candidat "
    "(convention, art. 7)."
)
# The effect that notifies France Travail's system of each step.
ACT_MOVED = "act-moved"


def draw_act_number(prefix: str) -> str:
    """Return the next act number, such as ``MEC-2026-000042``, never reused."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('referrals_act_number')")
        (number,) = cursor.fetchone()
    return f"{prefix}-{timezone.localdate().year}-{number:06d}"


class Channel(models.TextChoices):
    """The way of handing over a document (art. 7)."""

    HAND = "main", "en main propre"
    EMAIL = "courriel", "par courriel"
    POST = "courrier", "par courrier"
    SMS = "sms", "par SMS"


class CancelReason(models.TextChoices):
    """The reasons to cancel an act after 24 hours."""

    CANDIDATE = "candidat", "le candidat y renonce"
    MISTAKE = "erreur", "erreur de candidat ou d’offre"
    OFFER_GONE = "offre", "l’offre n’est plus à pourvoir"
    DUPLICATE = "doublon", "candidature déjà faite autrement"
    LEFT = "parti", "le candidat n’est plus accompagné"


def rules_of(
    name: str, states: type[models.TextChoices], live: Sequence[str], already: str
) -> list[models.BaseConstraint]:
    """Return the constraints of one kind; ``already``: a second act."""
    return [
        models.UniqueConstraint(
            fields=["offer", "candidate"],
            condition=Q(state__in=live),
            name=f"one_live_{name}",
            violation_error_message=already,
        ),
        models.UniqueConstraint(
            fields=["adviser", "idempotency_key"], name=f"one_{name}_by_form"
        ),
        models.CheckConstraint(
            condition=Q(state__in=states.values), name=f"{name}_state_is_known"
        ),
    ]


class ActQuerySet[A: Act](models.QuerySet[A]):
    def visible_to(self, user: User) -> Self:
        """Filter those of the persons followed today (9.2, S24)."""
        return self.filter(
            followed_by(user, "candidate__adviser"), structure=user.structure_id
        )

    def of_caseload(self, user: User) -> Self:
        """Filter those of the user's own persons, confided or not."""
        return self.filter(structure=user.structure_id, candidate__adviser=user.pk)

    def live(self) -> Self:
        return self.filter(state__in=self.model.LIVE)

    def wanted(self) -> Q:
        """Return the condition of a live act that waits for its adviser (3.8)."""
        raise NotImplementedError

    def with_last_word(self) -> Self:
        """Annotate ``told_at``, for the kinds that wait for news."""
        return self

    def with_step_wanted(self) -> Self:
        """Annotate ``wants_step``: whether it waits for its adviser."""
        is_wanted = Q(state__in=self.model.LIVE) & self.wanted()
        wants = ExpressionWrapper(is_wanted, models.BooleanField())
        return self.with_last_word().annotate(wants_step=wants)

    def wanting_a_step(self) -> Self:
        return self.with_step_wanted().filter(wants_step=True)

    def lock_with_followers(self, limit: int) -> dict[uuid.UUID, int]:
        """Lock some unlocked acts; return today's follower of each."""
        rows = self.select_for_update(of=("self",), no_key=True, skip_locked=True)
        follower = follower_of("candidate__adviser")
        return dict(rows.order_by("pk").values_list("pk", follower)[:limit])

    def on_withdrawn_offers(self) -> Self:
        return self.exclude(offer__state=OfferState.ACTIVE)


class Act(Stateful):
    """A person, an offer, and the hand-over of its document.

    One live act of a kind per person and offer (art. 3.2).
    """

    KIND: ClassVar[ActKind]
    PREFIX: ClassVar[str]
    CANCELLED_SENTENCE: ClassVar[str] = "La mise en contact a été annulée."
    LIVE: ClassVar[Sequence[str]]
    # The states of a refusal: its document is void.
    REFUSED: ClassVar[Sequence[str]] = ()
    # Relations that its list loads.
    SHOWN_WITH: ClassVar[Sequence[str]] = ()
    # These two states have the same name in all kinds (``states``).
    HANDED_OVER: ClassVar[str] = "remise"
    CANCELLED: ClassVar[str] = "annulee"
    # The badge of a state, if not that of an act under way.
    BADGES: ClassVar[Mapping[str, str]]
    # The labels of the codes in a step's note, by key.
    CODED: ClassVar[Mapping[str, Mapping[Any, Any]]] = {
        "reason": dict(CancelReason.choices)
    }
    # The fields that ``lock`` reads again.
    LOCKED: ClassVar[Sequence[str]] = ("state",)

    # Set by ``with_step_wanted``.
    wants_step: bool

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("numéro", max_length=20, unique=True, editable=False)
    offer = models.ForeignKey(
        Offer, models.PROTECT, verbose_name="offre", related_name="%(class)ss"
    )
    candidate = models.ForeignKey(
        Candidate, models.PROTECT, verbose_name="candidat", related_name="%(class)ss"
    )
    structure = models.ForeignKey(
        Structure, models.PROTECT, verbose_name="structure", related_name="%(class)ss"
    )
    adviser = models.ForeignKey(
        User, models.PROTECT, verbose_name="conseiller", related_name="%(class)ss"
    )
    created_at = models.DateTimeField("faite le", db_default=Now())
    # The form's own key: the same form sent twice makes one act (R10).
    idempotency_key = models.UUIDField(editable=False, default=uuid.uuid4)
    channel = models.CharField(
        "remis", max_length=10, choices=Channel, blank=True, editable=False
    )
    handed_over_on = models.DateField("remis le", null=True, editable=False)
    # Made while the feed was silent: cleared by its next sign of life (design 2.10).
    to_confirm = models.BooleanField(
        "à confirmer", default=False, db_default=False, editable=False
    )
    reminded_at = models.DateTimeField("rappelée le", null=True, editable=False)
    # A second withdrawal of the offer is notified again.
    withdrawal_told_at = models.DateTimeField(
        "retrait de l’offre annoncé le", null=True, editable=False
    )

    documents: Any

    class Meta:
        abstract = True
        ordering = ("-created_at", "pk")
        # For the follow-up: it counts acts by month, of a structure or of all.
        indexes = [
            models.Index(fields=["structure", "created_at"], name="%(class)s_made"),
            models.Index(fields=["created_at"], name="%(class)s_made_at"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse(self.KIND.name.lower(), args=[self.pk])

    @property
    def nature(self) -> str:
        return str(self._meta.verbose_name)

    @property
    def status(self) -> str:
        states: Any = self._meta.get_field("state")
        return str(dict(states.flatchoices)[self.state])

    @property
    def badge(self) -> str:
        return self.BADGES.get(self.state, "info")

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def offer_is_withdrawn(self) -> bool:
        """Return whether the offer is withdrawn (*offre retirée*, 2.7)."""
        return not self.offer.is_active

    @property
    def offer_may_return(self) -> bool:
        """Return whether a withdrawn offer may open again: not if cancelled."""
        return self.offer.state != OfferState.CANCELLED

    @property
    def refused_at(self) -> dt.datetime | None:
        """Return since when it is refused, if it is."""
        if self.state not in self.REFUSED:
            return None
        steps: Any = self.steps
        at: dt.datetime = steps.filter(target=self.state).latest("at", "pk").at
        return at

    @property
    def document(self) -> Any:
        """Return the latest version, without its bytes."""
        last = self.documents.with_facts().with_mails()
        texts = ("html", "plain_html", "row_html", "content")
        return last.defer(*texts).order_by("-version").first()

    # Only a convocation has an hour; it overrides these.

    @property
    def is_past(self) -> bool:
        return False

    @property
    def hour_to_come(self) -> dt.datetime | None:
        return None

    @property
    def why_no_email(self) -> str:
        """Return why it cannot be e-mailed now, or ""."""
        return ""

    def calendar(self, *, version: int, at: dt.datetime) -> str:
        """Return the calendar file of its e-mails, or ""."""
        return ""

    @property
    def is_known_to_person(self) -> bool:
        """Return whether the person expects something of it."""
        return self.handed_over_on is not None

    @property
    def can_be_handed_over(self) -> bool:
        return self.can_move_to(self.HANDED_OVER)

    @property
    def waits_for_its_document(self) -> bool:
        return self.can_be_handed_over and self.handed_over_on is None

    @property
    def can_be_cancelled(self) -> bool:
        return self.can_move_to(self.CANCELLED)

    @property
    def undo_until(self) -> dt.datetime:
        """Return the end of cancelling without a reason (A6)."""
        return self.created_at + settings.UNDO_LASTS

    @property
    def can_be_undone(self) -> bool:
        return self.can_be_cancelled and timezone.now() < self.undo_until

    def lock(self) -> None:
        rows: Any = type(self)._base_manager.select_for_update(no_key=True)
        self.refresh_from_db(fields=self.LOCKED, from_queryset=rows)

    def hand_over(self, *, by: User, channel: str, on: dt.date) -> None:
        """Record the hand-over of the document, by its adviser (art. 7)."""
        if by.is_staff:
            raise MoveRefused(ADVISER_HANDS_OVER)
        self._refuse_unlikely_day(on)
        self._go_forward(
            self.HANDED_OVER,
            by=by,
            note={"channel": str(channel), "on": on.isoformat()},
            channel=channel,
            handed_over_on=on,
        )

    def cancel(self, *, by: User, reason: str = "") -> None:
        """Cancel it: undone within 24 hours, with a reason later."""
        note = {"reason": str(reason)} if reason else {"undone": "act"}
        self.move_to(self.CANCELLED, by=by, note=note)

    @transaction.atomic
    def _go_forward(self, target: str, **changes: Any) -> None:
        self.lock()
        self.move_to(target, **changes)

    def _refuse_unlikely_day(self, on: dt.date) -> None:
        made_on = timezone.localdate(self.created_at)
        if not made_on <= on <= timezone.localdate():
            raise MoveRefused(
                "La date doit être comprise entre celle de la proposition "
                f"({date_format(made_on)}) et aujourd’hui."
            )


class ActStep(Step):
    class Meta(Step.Meta):
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Send each new step to France Travail (``referrals.acts.webhooks``)."""
        is_new = self.pk is None
        super().save(*args, **kwargs)
        if is_new and webhooks.are_wanted():
            table = self._meta.model_name
            outbox.REGISTRY[ACT_MOVED].post(
                key=f"{table}:{self.pk}", table=str(table), step=self.pk
            )
