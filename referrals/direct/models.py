"""Mises en contact without preselection (art. 3.2, domain 5.2)."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.users.models.users import User
from offers.enums import OfferState
from opus.lib.dates.bounds import days_within
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import ActStep, rules_of
from referrals.acts.models.placements import Placement, PlacementQuerySet
from referrals.acts.states import LIVE_STATES, WAITING_STATES, ReferralState

S = ReferralState


class ReferralQuerySet(PlacementQuerySet["Referral"]):
    def wanted(self) -> Q:
        long_ago = timezone.now() - settings.ACT_REMINDED_AFTER[0]
        return (
            ~Q(offer__state=OfferState.ACTIVE)
            | Q(state=S.PROPOSED)
            | Q(told_at__lt=long_ago)
        )


class Referral(Placement):
    KIND = ActKind.REFERRAL
    PREFIX = "MEC"
    LIVE = LIVE_STATES
    WAITING = WAITING_STATES
    BADGES = {S.PROPOSED: "new", S.CANCELLED: ""}
    MOVES = {
        S.PROPOSED: {S.HANDED_OVER, S.CANCELLED},
        S.HANDED_OVER: {S.CONTACTED, S.INTERVIEW, S.ENDED, S.CANCELLED},
        S.CONTACTED: {S.INTERVIEW, S.ENDED, S.CANCELLED},
        S.INTERVIEW: {S.ENDED, S.CANCELLED},
        # Undoing an outcome within 24 hours returns to the former state.
        S.ENDED: {S.HANDED_OVER, S.CONTACTED, S.INTERVIEW},
    }

    state = models.CharField(
        "état", max_length=20, choices=ReferralState, default=S.PROPOSED, editable=False
    )
    objects = ReferralQuerySet.as_manager()

    class Meta(Placement.Meta):
        verbose_name = "mise en contact"
        verbose_name_plural = "mises en contact"
        constraints = [
            days_within("handed_over_on", name="referral_within_the_years"),
            *rules_of(
                "referral",
                ReferralState,
                LIVE_STATES,
                "Cette offre est déjà proposée à ce candidat.",
            ),
            # Article 7: no other step before the hand-over of the document.
            models.CheckConstraint(
                condition=Q(state__in=[S.PROPOSED, S.CANCELLED])
                | (Q(handed_over_on__isnull=False) & ~Q(channel="")),
                name="referral_goes_on_once_handed_over",
                violation_error_message="Enregistrez d’abord la remise du document "
                "(convention, art. 7).",
            ),
            models.CheckConstraint(
                condition=Q(state=S.ENDED, outcome__isnull=False)
                | (~Q(state=S.ENDED) & Q(outcome__isnull=True)),
                name="referral_ends_with_an_outcome",
            ),
        ]

    @property
    def can_be_contacted(self) -> bool:
        return self.can_move_to(S.CONTACTED) and not self.outcome_id

    def contact(self, *, by: User, on: dt.date) -> None:
        self._refuse_unlikely_day(on)
        self._go_forward(S.CONTACTED, by=by, note={"on": on.isoformat()})


class ReferralStep(ActStep):
    referral = models.ForeignKey(
        Referral, models.CASCADE, verbose_name="mise en contact", related_name="steps"
    )

    class Meta(ActStep.Meta):
        verbose_name = "étape d’une mise en contact"
        verbose_name_plural = "étapes d’une mise en contact"
