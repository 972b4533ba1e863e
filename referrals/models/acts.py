"""The acts of article 3.2 that link a candidate to an offer."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts.models import Structure, User
from offers.models import Offer
from opus.lib.states import Stateful, Step
from referrals.models.candidates import Candidate

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


class ReferralState(models.TextChoices):
    """The life of a mise en contact without preselection (domain 5.2)."""

    PROPOSED = "proposee", "proposée"
    HANDED_OVER = "remise", "document remis"
    CONTACTED = "contact", "contact pris"
    INTERVIEW = "entretien", "entretien"
    ENDED = "terminee", "suite connue"
    CANCELLED = "annulee", "annulée"


LIVE_STATES = (
    ReferralState.PROPOSED,
    ReferralState.HANDED_OVER,
    ReferralState.CONTACTED,
    ReferralState.INTERVIEW,
)


class Channel(models.TextChoices):
    """How the document of article 7 reached the candidate."""

    HAND = "main", "en main propre"
    EMAIL = "courriel", "par courriel"
    POST = "courrier", "par courrier"
    SMS = "sms", "par SMS"


class ReferralQuerySet(models.QuerySet["Referral"]):
    """Questions asked of sets of mises en contact."""

    def visible_to(self, user: User) -> Self:
        """A partner sees those of the persons whom he accompanies (9.2, S24)."""
        return self.filter(structure=user.structure_id, candidate__adviser=user.pk)

    def live(self) -> Self:
        return self.filter(state__in=LIVE_STATES)


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

    objects = ReferralQuerySet.as_manager()
    documents: models.Manager[Document]
    outcomes: models.Manager[Outcome]

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
    def offer_is_withdrawn(self) -> bool:
        """*Offre retirée*: a mark derived from the offer, not a state (design 2.7)."""
        return not self.offer.is_active


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
