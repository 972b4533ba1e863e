"""A mise en contact on an offer without preselection (art. 3.2, domain 5.2)."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from offers.models import OfferState
from opus.lib.bounds import days_within
from referrals.models.acts import ActStep
from referrals.models.placements import Placement, PlacementQuerySet
from referrals.models.states import LIVE_STATES, WAITING_STATES, ReferralState


class ReferralQuerySet(PlacementQuerySet["Referral"]):
    """Questions asked of sets of mises en contact."""

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


class Referral(Placement):
    """A mise en contact on an offer without preselection (art. 3.2)."""

    PREFIX = "MEC"
    LIVE = LIVE_STATES
    WAITING = WAITING_STATES
    BADGES = {ReferralState.PROPOSED: "new", ReferralState.CANCELLED: ""}
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
    objects = ReferralQuerySet.as_manager()

    class Meta(Placement.Meta):
        verbose_name = "mise en contact"
        verbose_name_plural = "mises en contact"
        constraints = [
            days_within("handed_over_on", name="referral_within_the_years"),
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

    def get_absolute_url(self) -> str:
        return reverse("referral", args=[self.pk])

    @property
    def can_be_contacted(self) -> bool:
        return self.can_move_to(ReferralState.CONTACTED) and not self.outcome_id

    def contact(self, *, by: User, on: dt.date) -> None:
        """The candidate contacted the employer."""
        self._refuse_unlikely_day(on)
        self._go_forward(ReferralState.CONTACTED, by=by, note={"on": on.isoformat()})


class ReferralStep(ActStep):
    """One move of a mise en contact: a line of its timeline."""

    referral = models.ForeignKey(
        Referral,
        models.CASCADE,
        verbose_name="mise en contact",
        related_name="steps",
    )

    class Meta(ActStep.Meta):
        verbose_name = "étape d’une mise en contact"
        verbose_name_plural = "étapes d’une mise en contact"
