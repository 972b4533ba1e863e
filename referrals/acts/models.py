"""The act of article 3.2: a person, an offer, an adviser, a state, a paper.

One table for the four kinds. A kind is a proxy model of its subject, with its moves,
its verbs and its words; a row comes back as its own kind.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import (
    DateField,
    DateTimeField,
    F,
    FilteredRelation,
    Func,
    Max,
    OuterRef,
    Q,
    Subquery,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Greatest, Now
from django.urls import reverse
from django.utils import timezone

from accounts.structures.models import Structure
from accounts.users.models import User
from offers.catalogue.models import Offer
from offers.enums import OfferState
from opus.lib.audit import journal
from opus.lib.database.states import MoveRefused, Stateful, Step
from opus.lib.dates import date_format, days_within
from opus.lib.outbound import outbox
from referrals.acts.act_rights import ActKind
from referrals.acts.next_step import NextStep, next_step
from referrals.acts.outcomes import DeclaredBy, Outcome
from referrals.acts.paper_facts import facts_of
from referrals.acts.states import (
    LIVE_STATES,
    REASONS,
    REFUSED_STATES,
    STATES,
    WAITS_FOR_NEWS,
    CancelReason,
    handed_over_first,
    reason_of_its_state,
    state_of_its_kind,
)
from referrals.candidates.models import Candidate, followed_by, follower_of

ADVISER_HANDS_OVER = (
    "Remettre le document revient au conseiller qui accompagne le candidat "
    "(convention, art. 7)."
)
# Of an offer: no list shows them.
LONG_TEXTS = ("description", "details", "skills_text")
# The effect that notifies France Travail's system of each step.
ACT_MOVED = "act-moved"


def draw_act_number(prefix: str) -> str:
    """Return the next act number, such as ``MEC-2026-000042``, never reused."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('referrals_act_number')")
        (number,) = cursor.fetchone()
    return f"{prefix}-{timezone.localdate().year}-{number:06d}"


# A step may name an earlier day, which begins at midnight in Paris, not in UTC.
START_OF_DAY = Func(
    Cast(KeyTextTransform("on", "note"), DateField()),
    template="(%(expressions)s)::timestamp AT TIME ZONE 'Europe/Paris'",
    output_field=DateTimeField(),
)
SAID = Greatest("at", START_OF_DAY)


class Channel(models.TextChoices):
    """The way of handing over a document (art. 7)."""

    HAND = "main", "en main propre"
    EMAIL = "courriel", "par courriel"
    POST = "courrier", "par courrier"
    SMS = "sms", "par SMS"


class ActQuerySet[A: Act](models.QuerySet[A]):
    def visible_to(self, user: User) -> Self:
        """Filter those of the persons followed today (9.2, S24)."""
        return self.filter(
            followed_by(user, "candidate__adviser"), structure=user.structure_id
        )

    def live(self) -> Self:
        return self.filter(state__in=LIVE_STATES)

    def with_last_word(self) -> Self:
        """Annotate ``told_at``: the last step, or its later day."""
        steps = ActStep.objects.filter(act=OuterRef("pk")).order_by()
        last = steps.values("act").values(last=Max(SAID))
        return self.annotate(told_at=Coalesce(Subquery(last), "created_at"))

    def silent_for(self, delay: dt.timedelta) -> Self:
        """Filter those without news for that long."""
        waiting = self.filter(WAITS_FOR_NEWS).with_last_word()
        return waiting.filter(told_at__lte=timezone.now() - delay)

    def with_next_step(self) -> Self:
        """Annotate ``next_step`` and what its words read (``next_step.task_of``)."""
        in_force = FilteredRelation("documents", condition=Q(documents__void_at=None))
        return (
            self.with_last_word()
            .annotate(
                paper=in_force,
                facts_today=facts_of(OuterRef("offer"), OuterRef("candidate")),
            )
            .annotate(paper_says=F("paper__made_of"), next_step=next_step())
        )

    def waiting_for(self, step: NextStep) -> Self:
        """Filter those whose next step this is."""
        return self.with_next_step().filter(next_step=step)

    def with_a_step_due(self) -> Self:
        """Filter those that wait for their adviser."""
        return self.with_next_step().exclude(next_step="")

    def whole(self) -> Self:
        """Read what a list shows of each: offers without their long texts."""
        shown = self.select_related("offer", "details", "outcome__code")
        return shown.defer(*(f"offer__{name}" for name in LONG_TEXTS))

    def lock_with_followers(self, limit: int) -> dict[uuid.UUID, int]:
        """Lock some unlocked acts; return today's follower of each."""
        rows = self.select_for_update(of=("self",), no_key=True, skip_locked=True)
        follower = follower_of("candidate__adviser")
        return dict(rows.order_by("pk").values_list("pk", follower)[:limit])

    def on_withdrawn_offers(self) -> Self:
        return self.exclude(offer__state=OfferState.ACTIVE)


class KindManager[A: Act](models.Manager[A]):
    """The acts of the model's kind alone."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(kind=self.model.KIND)


# The model of each kind, in the order of ``ActKind``.
KINDS: dict[ActKind, type[Act]] = {}


class Act(Stateful):
    """A person, an offer, and the hand-over of its document.

    One live act of a kind per person and offer (art. 3.2). A subclass is a proxy.
    """

    KIND: ClassVar[ActKind]
    PREFIX: ClassVar[str]
    FIRST: ClassVar[str]
    CANCELLED_SENTENCE: ClassVar[str] = "La mise en contact a été annulée."
    # These have the same name in all kinds that have them (``states``).
    HANDED_OVER: ClassVar[str] = "remise"
    CANCELLED: ClassVar[str] = "annulee"
    INTERVIEW: ClassVar[str] = "entretien"
    ENDED: ClassVar[str] = "terminee"
    # The badge of a state, if not that of an act under way.
    BADGES: ClassVar[Mapping[str, str]]
    # The labels of the codes in a step's note, by key.
    CODED: ClassVar[Mapping[str, Mapping[Any, Any]]] = {
        "reason": dict(CancelReason.choices)
    }

    # Set by ``with_next_step`` and ``with_last_word``.
    next_step: str
    paper_says: list[str] | None
    facts_today: list[str]
    told_at: dt.datetime

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("nature", max_length=20, choices=ActKind, editable=False)
    number = models.CharField("numéro", max_length=20, unique=True, editable=False)
    # A trigger holds the moves of each kind (R11).
    state = models.CharField("état", max_length=20, editable=False)
    offer = models.ForeignKey(
        Offer, models.PROTECT, verbose_name="offre", related_name="acts"
    )
    candidate = models.ForeignKey(
        Candidate, models.PROTECT, verbose_name="candidat", related_name="acts"
    )
    structure = models.ForeignKey(
        Structure, models.PROTECT, verbose_name="structure", related_name="acts"
    )
    adviser = models.ForeignKey(
        User, models.PROTECT, verbose_name="conseiller", related_name="acts"
    )
    created_at = models.DateTimeField("faite le", db_default=Now())
    # The form's own key: the same form sent twice makes one act (R10).
    idempotency_key = models.UUIDField(editable=False, default=uuid.uuid4)
    channel = models.CharField(
        "remis", max_length=10, choices=Channel, blank=True, editable=False
    )
    handed_over_on = models.DateField("remis le", null=True, editable=False)
    # Why it was set aside, refused, missed, called off or held without its document: a
    # code of its kind and state (``states.REASONS``).
    reason = models.CharField("motif", max_length=20, blank=True, editable=False)
    # The CV, appointment or absence that it follows, if any.
    follows = models.OneToOneField(
        "self",
        models.PROTECT,
        verbose_name="fait suite à",
        null=True,
        editable=False,
        related_name="followed_by",
    )
    outcome = models.OneToOneField(
        Outcome,
        models.PROTECT,
        verbose_name="suite",
        null=True,
        editable=False,
        related_name="current_of",
    )
    # Of a demande de CV.
    due_on = models.DateField("attendu le", null=True)
    # The offer's requirements, in its words, that the person meets for the adviser: of
    # a mise en contact with preselection.
    criteria_met = models.JSONField("critères remplis", default=list, editable=False)
    # Made while the feed was silent: cleared by its next sign of life.
    to_confirm = models.BooleanField(
        "à confirmer", default=False, db_default=False, editable=False
    )
    reminded_at = models.DateTimeField("rappelée le", null=True, editable=False)
    # A second withdrawal of the offer is notified again.
    withdrawal_told_at = models.DateTimeField(
        "retrait de l’offre annoncé le", null=True, editable=False
    )

    # Of each kind with its own manager.
    objects: ClassVar[Any] = ActQuerySet.as_manager()

    documents: Any
    outcomes: Any
    details: Any

    class Meta:
        verbose_name = "proposition"
        ordering = ("-created_at", "pk")
        # For the follow-up: it counts acts by month, of a structure or of all.
        indexes = [
            models.Index(fields=["structure", "created_at"], name="act_made"),
            models.Index(fields=["created_at"], name="act_made_at"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "candidate", "kind"],
                condition=Q(state__in=LIVE_STATES),
                name="one_live_act",
                violation_error_message="Cette offre est déjà proposée à ce candidat.",
            ),
            models.UniqueConstraint(
                fields=["adviser", "idempotency_key"], name="one_act_by_form"
            ),
            models.CheckConstraint(
                condition=state_of_its_kind(), name="act_state_is_of_its_kind"
            ),
            models.CheckConstraint(
                condition=reason_of_its_state(), name="act_reason_is_of_its_state"
            ),
            models.CheckConstraint(
                condition=handed_over_first(),
                name="act_goes_on_once_handed_over",
                violation_error_message="Enregistrez d’abord la remise du document "
                "(convention, art. 7).",
            ),
            models.CheckConstraint(
                condition=Q(state="terminee", outcome__isnull=False)
                | (~Q(state="terminee") & Q(outcome__isnull=True)),
                name="act_ends_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(kind=ActKind.CV_REQUEST, due_on__isnull=False)
                | ~Q(kind=ActKind.CV_REQUEST) & Q(due_on__isnull=True),
                name="act_due_on_is_of_a_cv_request",
            ),
            models.CheckConstraint(
                condition=Q(kind=ActKind.SCREENED_REFERRAL) | Q(criteria_met=[]),
                name="act_criteria_are_of_a_preselection",
            ),
            models.CheckConstraint(
                condition=Q(follows__isnull=True)
                | Q(kind__in=[ActKind.SCREENED_REFERRAL, ActKind.APPOINTMENT]),
                name="act_follows_by_its_kind",
            ),
            days_within("due_on", "handed_over_on", name="act_within_the_years"),
        ]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        KINDS[cls.KIND] = cls

    def __str__(self) -> str:
        return self.number

    @classmethod
    def from_db(
        cls,
        db: str | None,
        field_names: Collection[str],
        values: Collection[Any],
        **options: Any,
    ) -> Self:
        """Return an act of its own kind."""
        read = dict(zip(field_names, values, strict=True))
        model: Any = KINDS.get(read.get("kind", ""), cls)
        act: Any = super(Act, model).from_db(db, field_names, values, **options)
        return act

    @classmethod
    def draft(cls, **fields: Any) -> Self:
        """Return an act of this kind, in its first state, that is not stored."""
        return cls(kind=cls.KIND, **{"state": cls.FIRST} | fields)

    def save_new(self) -> None:
        """Store a draft, and what its kind has besides."""
        self.save(force_insert=True)

    def get_absolute_url(self) -> str:
        return reverse(self.KIND.name.lower(), args=[self.pk])

    @property
    def nature(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def state_words(cls) -> dict[str, str]:
        return {value: str(label) for value, label in STATES[cls.KIND].choices}

    def get_state_display(self) -> str:
        return self.state_words()[self.state]

    def get_reason_display(self) -> str:
        codes = REASONS.get(self.KIND, {}).get(self.state)
        return str(codes(self.reason).label) if codes and self.reason else ""

    @property
    def status(self) -> str:
        """Return its outcome once known, else its state."""
        return str(self.outcome or self.get_state_display())

    @property
    def badge(self) -> str:
        if self.outcome:
            return "success" if self.outcome.is_hire else "info"
        return self.BADGES.get(self.state, "info")

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_STATES

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
        if self.state not in REFUSED_STATES:
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

    def can_go_to(self, state: str) -> bool:
        """Return whether it may move there, without losing an outcome."""
        return self.can_move_to(state) and not self.outcome_id

    @property
    def can_be_handed_over(self) -> bool:
        return self.can_go_to(self.HANDED_OVER)

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
        changing = ["state", "outcome", "channel", "handed_over_on", "reason"]
        self.refresh_from_db(fields=changing, from_queryset=rows)

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

    # --- The outcome, of mises en contact (5.2, 5.3) ----------------------------------

    @property
    def has_france_travails_word(self) -> bool:
        said_by = self.outcome and self.outcome.declared_by
        return said_by == DeclaredBy.FRANCE_TRAVAIL

    def can_record_outcome(self, by: User) -> bool:
        """Return whether ``by`` may; France Travail's outcome stays (2.10)."""
        if self.state == self.ENDED:
            return by.is_staff or not self.has_france_travails_word
        return self.can_move_to(self.ENDED)

    def can_undo_outcome(self, by: User) -> bool:
        """Return True for its author within 24 hours, or Opus."""
        outcome = self.outcome
        if outcome is None:
            return False
        if outcome.is_nobodys:
            return True
        is_fresh = timezone.now() < outcome.at + settings.UNDO_LASTS
        return outcome.by_id == by.pk and is_fresh

    def interview(self, *, by: User, on: dt.date | None = None) -> None:
        note = {"on": on.isoformat()} if on else {}
        self._go_forward(self.INTERVIEW, by=by, note=note)

    def end(self, outcome: Outcome, *, by: User | None) -> None:
        self.move_to(self.ENDED, by=by, note=outcome.note, outcome=outcome)

    # --- Parts of its verbs -----------------------------------------------------------

    @transaction.atomic
    def _go_forward(self, target: str, **changes: Any) -> None:
        """Change the state; only undoing it removes an outcome."""
        self.lock()
        if self.state == self.ENDED:
            raise MoveRefused(
                "La suite est déjà enregistrée : annulez-la d’abord si elle est fausse."
            )
        self.move_to(target, **changes)

    def _refuse_unlikely_day(self, on: dt.date) -> None:
        made_on = timezone.localdate(self.created_at)
        if not made_on <= on <= timezone.localdate():
            raise MoveRefused(
                "La date doit être comprise entre celle de la proposition "
                f"({date_format(made_on)}) et aujourd’hui."
            )


class ActStep(Step):
    act = models.ForeignKey(
        Act, models.CASCADE, verbose_name="proposition", related_name="steps"
    )

    class Meta(Step.Meta):
        verbose_name = "étape d’une proposition"
        verbose_name_plural = "étapes d’une proposition"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Send each new step to France Travail (``emails.act_moved``)."""
        is_new = self.pk is None
        super().save(*args, **kwargs)
        if is_new and outbox.webhooks_are_wanted():
            outbox.REGISTRY[ACT_MOVED].post(key=str(self.pk), step=self.pk)


def usual_channel(user: User) -> Channel:
    """Return the adviser's last way of handing over, else in person.

    An e-mail that Opus sent recorded itself: it is not a habit of the adviser.
    """
    said = ActStep.objects.filter(by=user, note__has_key="channel").exclude(
        note__channel=Channel.EMAIL, act__documents__mails__sent_at__isnull=False
    )
    last = said.order_by("-at").values_list("note__channel", flat=True).first()
    return Channel(last) if last else Channel.HAND


def record_move(act: Act, *, by: User | None, **details: str) -> None:
    """Record the present state; ``by``: None for Opus."""
    journal.record(
        journal.Action.REFERRAL_MOVED,
        by=by,
        target=act,
        persons=[act.candidate_id],
        details={"to": act.state, **details},
    )
