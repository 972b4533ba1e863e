"""The acts of article 3.2 that link a candidate to an offer."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import DateField, DateTimeField, Max, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Greatest, Now
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Structure, User
from offers.models import Offer, OfferState
from opus.lib.states import MoveRefused, Stateful, Step
from referrals.models.candidates import Candidate
from referrals.models.states import LIVE_STATES, WAITING_STATES, ReferralState

if TYPE_CHECKING:
    from referrals.models.documents import Document
    from referrals.models.outcomes import Outcome


def draw_act_number(prefix: str) -> str:
    """The next act number, such as ``MEC-2026-000042``. Numbers are never reused."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('referrals_act_number')")
        (number,) = cursor.fetchone()
    return f"{prefix}-{timezone.localdate().year}-{number:06d}"


class Act(Stateful):
    """What the four acts share: who, for whom, on which offer."""

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

    class Meta:
        abstract = True
        ordering = ("-created_at", "pk")


class Channel(models.TextChoices):
    """How the document of article 7 reached the candidate."""

    HAND = "main", "en main propre"
    EMAIL = "courriel", "par courriel"
    POST = "courrier", "par courrier"
    SMS = "sms", "par SMS"


class CancelReason(models.TextChoices):
    """Why an act is cancelled after its 24 hours of undoing."""

    CANDIDATE = "candidat", "le candidat y renonce"
    MISTAKE = "erreur", "erreur de personne ou d’offre"
    OFFER_GONE = "offre", "l’offre n’est plus à pourvoir"
    DUPLICATE = "doublon", "candidature déjà faite autrement"
    LEFT = "parti", "la personne n’est plus accompagnée"


class ReferralQuerySet(models.QuerySet["Referral"]):
    """Questions asked of sets of mises en contact."""

    def visible_to(self, user: User) -> Self:
        """A partner sees those of the persons whom he accompanies (9.2, S24)."""
        return self.filter(structure=user.structure_id, candidate__adviser=user.pk)

    def live(self) -> Self:
        return self.filter(state__in=LIVE_STATES)

    def on_withdrawn_offers(self) -> Self:
        return self.exclude(offer__state=OfferState.ACTIVE)

    def with_last_word(self) -> Self:
        """Each with ``told_at``: its last step, or the day that it speaks of if later.

        So an interview to come is no silence before its day.
        """
        day = Cast(KeyTextTransform("on", "steps__note"), DateField())
        said = Greatest("steps__at", Cast(day, DateTimeField()))
        return self.annotate(told_at=Coalesce(Max(said), "created_at"))

    def wanting_a_step(self) -> Self:
        """Those under way that wait for their adviser, the longest silent first: the
        offer is withdrawn, the document not handed over, or nothing was said for long.
        """
        long_ago = timezone.now() - settings.ACT_REMINDED_AFTER[0]
        acts = self.live().with_last_word()
        return acts.filter(
            ~Q(offer__state=OfferState.ACTIVE)
            | Q(state=ReferralState.PROPOSED)
            | Q(told_at__lt=long_ago)
        ).order_by("told_at", "pk")

    def silent_for(self, delay: dt.timedelta) -> Self:
        """Those that wait for a word, and of which nothing was said for so long."""
        waiting = self.filter(state__in=WAITING_STATES).with_last_word()
        return waiting.filter(told_at__lte=timezone.now() - delay)


class Referral(Act):
    """A mise en contact on an offer without preselection (art. 3.2)."""

    MOVES = {
        ReferralState.PROPOSED: {ReferralState.HANDED_OVER, ReferralState.CANCELLED},
        ReferralState.HANDED_OVER: {
            ReferralState.CONTACTED,
            ReferralState.INTERVIEW,
            ReferralState.ENDED,
            ReferralState.CANCELLED,
        },
        ReferralState.CONTACTED: {
            ReferralState.INTERVIEW,
            ReferralState.ENDED,
            ReferralState.CANCELLED,
        },
        ReferralState.INTERVIEW: {ReferralState.ENDED, ReferralState.CANCELLED},
        # An outcome undone within 24 hours leads back to where it came from.
        ReferralState.ENDED: {
            ReferralState.HANDED_OVER,
            ReferralState.CONTACTED,
            ReferralState.INTERVIEW,
        },
    }

    state = models.CharField(
        "état",
        max_length=20,
        choices=ReferralState,
        default=ReferralState.PROPOSED,
        editable=False,
    )
    # The form's own key: the same form sent twice makes one act (R10).
    idempotency_key = models.UUIDField(editable=False, default=uuid.uuid4)
    channel = models.CharField(
        "remis", max_length=10, choices=Channel, blank=True, editable=False
    )
    handed_over_on = models.DateField("remis le", null=True, editable=False)
    outcome = models.OneToOneField(
        "referrals.Outcome",
        models.PROTECT,
        verbose_name="suite",
        null=True,
        editable=False,
        related_name="+",
    )

    # Made while the feed was silent: cleared by its next sign of life (design 2.10).
    to_confirm = models.BooleanField(
        "à confirmer", default=False, db_default=False, editable=False
    )
    reminded_at = models.DateTimeField("rappelée le", null=True, editable=False)
    # An offer that comes back and leaves again is told again.
    withdrawal_told_at = models.DateTimeField(
        "retrait de l’offre annoncé le", null=True, editable=False
    )

    # When something was last said of it, where ``with_last_word`` was asked.
    told_at: dt.datetime

    objects = ReferralQuerySet.as_manager()

    class Meta(Act.Meta):
        verbose_name = "mise en contact"
        verbose_name_plural = "mises en contact"
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "candidate"],
                condition=Q(state__in=LIVE_STATES),
                name="one_live_referral",
                violation_error_message="Cette personne est déjà mise en contact avec "
                "cette offre.",
            ),
            models.UniqueConstraint(
                fields=["adviser", "idempotency_key"], name="one_referral_by_form"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ReferralState.values),
                name="referral_state_is_known",
            ),
            # Article 7: nothing goes on before the document was handed over.
            models.CheckConstraint(
                condition=Q(state__in=[ReferralState.PROPOSED, ReferralState.CANCELLED])
                | (Q(handed_over_on__isnull=False) & ~Q(channel="")),
                name="referral_goes_on_once_handed_over",
                violation_error_message="Enregistrez d’abord la remise du document "
                "(convention, art. 7).",
            ),
            models.CheckConstraint(
                condition=Q(state=ReferralState.ENDED, outcome__isnull=False)
                | (~Q(state=ReferralState.ENDED) & Q(outcome__isnull=True)),
                name="referral_ends_with_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("referral", args=[self.pk])

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_STATES

    @property
    def status(self) -> str:
        """Where it stands, in a word: its outcome once known, else its state."""
        return str(self.outcome) if self.outcome else self.get_state_display()

    @property
    def badge(self) -> str:
        """The kind of badge that the word calls for; the word says it all."""
        if self.outcome:
            return "success" if self.outcome.is_hire else "info"
        return {ReferralState.PROPOSED: "new", ReferralState.CANCELLED: ""}.get(
            ReferralState(self.state), "info"
        )

    @property
    def offer_is_withdrawn(self) -> bool:
        """*Offre retirée*: a mark derived from the offer, not a state (design 2.7)."""
        return not self.offer.is_active

    @property
    def document(self) -> Document | None:
        """The latest version of its document, without the weight of its bytes."""
        return self.documents.defer("html", "pdf").order_by("-version").first()

    @property
    def can_be_handed_over(self) -> bool:
        return self.can_move_to(ReferralState.HANDED_OVER) and not self.outcome_id

    @property
    def can_be_contacted(self) -> bool:
        return self.can_move_to(ReferralState.CONTACTED) and not self.outcome_id

    @property
    def can_be_interviewed(self) -> bool:
        return self.can_move_to(ReferralState.INTERVIEW) and not self.outcome_id

    @property
    def can_be_cancelled(self) -> bool:
        return self.can_move_to(ReferralState.CANCELLED)

    @property
    def undo_until(self) -> dt.datetime:
        """Until when it is cancelled in one click, without a reason (A6)."""
        return self.created_at + settings.UNDO_LASTS

    @property
    def can_be_undone(self) -> bool:
        return self.can_be_cancelled and timezone.now() < self.undo_until

    @property
    def has_france_travails_word(self) -> bool:
        """Whether France Travail said what came of it: no other word replaces it."""
        return self.outcome is not None and self.outcome.is_france_travails

    def can_record_outcome(self, by: User) -> bool:
        """An outcome is typed once handed over, and put right afterwards.

        France Travail's word is replaced by France Travail only (design 2.10).
        """
        if self.state == ReferralState.ENDED:
            return by.is_staff or not self.has_france_travails_word
        return self.can_move_to(ReferralState.ENDED)

    def can_undo_outcome(self, by: User) -> bool:
        """Its author takes an outcome back within 24 hours.

        An act that Opus closed without news may be opened again at any time (5.2).
        """
        outcome = self.outcome
        if outcome is None:
            return False
        if outcome.is_nobodys:
            return True
        is_fresh = timezone.now() < outcome.at + settings.UNDO_LASTS
        return outcome.by_id == by.pk and is_fresh

    def lock(self) -> None:
        """Hold the row until the transaction ends, and know where it stands now."""
        rows = Referral.objects.select_for_update(no_key=True)
        self.refresh_from_db(fields=["state", "outcome"], from_queryset=rows)

    def hand_over(self, *, by: User, channel: str, on: dt.date) -> None:
        """The document reached the candidate (art. 7)."""
        self._refuse_unlikely_day(on)
        self._go_forward(
            ReferralState.HANDED_OVER,
            by=by,
            note={"channel": str(channel), "on": on.isoformat()},
            channel=channel,
            handed_over_on=on,
        )

    def contact(self, *, by: User, on: dt.date) -> None:
        """The candidate contacted the employer."""
        self._refuse_unlikely_day(on)
        self._go_forward(ReferralState.CONTACTED, by=by, note={"on": on.isoformat()})

    def interview(self, *, by: User, on: dt.date | None = None) -> None:
        """An interview is fixed or held; its day may be unknown, or to come."""
        note = {"on": on.isoformat()} if on else {}
        self._go_forward(ReferralState.INTERVIEW, by=by, note=note)

    def end(self, outcome: Outcome, *, by: User | None) -> None:
        """What came of it is known."""
        self.move_to(ReferralState.ENDED, by=by, note=outcome.note, outcome=outcome)

    @transaction.atomic
    def replace_outcome(self, outcome: Outcome, *, by: User) -> None:
        """Another word takes the place of the one that counted; both are kept."""
        self.lock()
        if self.state != ReferralState.ENDED:
            raise MoveRefused("Aucune suite n’est enregistrée : rien à corriger.")
        self.outcome = outcome
        self.save(update_fields=["outcome"])
        self.steps.create(
            origin=ReferralState.ENDED,
            target=ReferralState.ENDED,
            by=by,
            note=outcome.note,
        )

    @transaction.atomic
    def undo_outcome(self, *, by: User) -> None:
        """Back to where it stood before its outcome."""
        self.lock()
        if self.state != ReferralState.ENDED:
            raise MoveRefused("Aucune suite n’est enregistrée : rien à annuler.")
        ending = self.steps.filter(target=ReferralState.ENDED).exclude(
            origin=ReferralState.ENDED
        )
        self.move_to(
            ending.latest("at", "pk").origin,
            by=by,
            note={"undone": self.outcome.code_id if self.outcome else ""},
            outcome=None,
        )

    def cancel(self, *, by: User, reason: str = "") -> None:
        """Call it off: undone within 24 hours, with a reason later."""
        note = {"reason": str(reason)} if reason else {"undone": "act"}
        self.move_to(ReferralState.CANCELLED, by=by, note=note)

    @transaction.atomic
    def _go_forward(self, target: str, **changes: Any) -> None:
        """Move on; out of an outcome one only goes back, by undoing it."""
        self.lock()
        if self.state == ReferralState.ENDED:
            raise MoveRefused(
                "La suite est déjà enregistrée : annulez-la d’abord si elle est fausse."
            )
        self.move_to(target, **changes)

    def _refuse_unlikely_day(self, on: dt.date) -> None:
        """Nothing happened before the act, nor in the time to come."""
        made_on = timezone.localdate(self.created_at)
        if not made_on <= on <= timezone.localdate():
            raise MoveRefused(
                "La date doit être comprise entre celle de la mise en contact "
                f"({date_format(made_on)}) et aujourd’hui."
            )


class ReferralStep(Step):
    """One move of a mise en contact: a line of its timeline."""

    referral = models.ForeignKey(
        Referral,
        models.CASCADE,
        verbose_name="mise en contact",
        related_name="steps",
    )
    by = models.ForeignKey(
        User, models.PROTECT, verbose_name="par", null=True, related_name="+"
    )

    class Meta(Step.Meta):
        verbose_name = "étape d’une mise en contact"
        verbose_name_plural = "étapes d’une mise en contact"
