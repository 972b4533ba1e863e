"""A mise en contact with preselection (art. 3.2, domain 5.3).

The person's application goes first through a preselection: the adviser's, to whom the
offer delegates it, or France Travail's. Only then is it presented to the employer.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from offers.models import Mode, OfferState
from opus.lib.bounds import days_within
from opus.lib.states import MoveRefused
from referrals.models.acts import ActStep
from referrals.models.cv_requests import CvRequest
from referrals.models.placements import Placement, PlacementQuerySet
from referrals.models.states import SCREENED_LIVE, SCREENED_WAITING, ScreenedState
from referrals.models.summonses import Summons

# Where an application waits for who preselects.
PRESELECTED_HERE = (ScreenedState.TO_REVIEW, ScreenedState.SHORTLISTED)


class SetAsideReason(models.TextChoices):
    """Why an application is not shortlisted, in words that its adviser reads."""

    SKILLS = "competences", "compétences différentes de celles demandées"
    EXPERIENCE = "experience", "expérience insuffisante pour ce poste"
    MOBILITY = "mobilite", "lieu ou déplacements incompatibles"
    AVAILABILITY = "disponibilite", "disponibilité incompatible"
    LICENCE = "habilitation", "permis ou habilitation manquant"
    DUPLICATE = "doublon", "candidature déjà reçue par ailleurs"
    ENOUGH = "assez", "assez de candidatures retenues"


class ScreenedReferralQuerySet(PlacementQuerySet["ScreenedReferral"]):
    """Questions asked of sets of mises en contact with preselection."""

    def wanting_a_step(self) -> Self:
        """Those under way that wait for their adviser, the longest silent first.

        The offer is withdrawn; the document is not handed over; something more was
        asked for; the preselection is his; or nothing was said for long of one that
        was presented. One that France Travail is to look at waits for nothing of his.
        """
        long_ago = timezone.now() - settings.ACT_REMINDED_AFTER[0]
        is_his = Q(offer__preselection=True, offer__delegated=True)
        acts = self.live().with_last_word()
        return acts.filter(
            ~Q(offer__state=OfferState.ACTIVE)
            | Q(state__in=[ScreenedState.PROPOSED, ScreenedState.ASKED_FOR_MORE])
            | is_his & Q(state__in=PRESELECTED_HERE)
            | Q(state__in=SCREENED_WAITING, told_at__lte=long_ago)
        ).order_by("told_at", "pk")


class ScreenedReferral(Placement):
    """A mise en contact on an offer with preselection (art. 3.2)."""

    PREFIX = "MEP"
    LIVE = SCREENED_LIVE
    WAITING = SCREENED_WAITING
    BADGES = {
        ScreenedState.PROPOSED: "new",
        ScreenedState.SHORTLISTED: "success",
        ScreenedState.SET_ASIDE: "warning",
        ScreenedState.ASKED_FOR_MORE: "warning",
        ScreenedState.CANCELLED: "",
    }
    MOVES = {
        ScreenedState.PROPOSED: {ScreenedState.HANDED_OVER, ScreenedState.CANCELLED},
        ScreenedState.HANDED_OVER: {ScreenedState.TO_REVIEW, ScreenedState.CANCELLED},
        ScreenedState.TO_REVIEW: {
            ScreenedState.SHORTLISTED,
            ScreenedState.SET_ASIDE,
            ScreenedState.ASKED_FOR_MORE,
            ScreenedState.CANCELLED,
        },
        ScreenedState.ASKED_FOR_MORE: {
            ScreenedState.TO_REVIEW,
            ScreenedState.CANCELLED,
        },
        ScreenedState.SET_ASIDE: {ScreenedState.TO_REVIEW},
        ScreenedState.SHORTLISTED: {
            ScreenedState.PRESENTED,
            ScreenedState.ENDED,
            ScreenedState.CANCELLED,
        },
        ScreenedState.PRESENTED: {
            ScreenedState.INTERVIEW,
            ScreenedState.ENDED,
            ScreenedState.CANCELLED,
        },
        ScreenedState.INTERVIEW: {ScreenedState.ENDED, ScreenedState.CANCELLED},
        # An outcome undone within 24 hours leads back to where it came from.
        ScreenedState.ENDED: {
            ScreenedState.SHORTLISTED,
            ScreenedState.PRESENTED,
            ScreenedState.INTERVIEW,
        },
    }

    state = models.CharField(
        "état",
        max_length=20,
        choices=ScreenedState,
        default=ScreenedState.PROPOSED,
        editable=False,
    )
    # Of what the offer asks, in its own words, what the adviser says the person meets.
    criteria_met = models.JSONField("critères remplis", default=list, editable=False)
    set_aside_because = models.CharField(
        "écartée parce que",
        max_length=20,
        choices=SetAsideReason,
        blank=True,
        editable=False,
    )
    # What led here, where it began with a CV or an appointment (design 2.1).
    after_cv = models.OneToOneField(
        CvRequest,
        models.PROTECT,
        verbose_name="fait suite au CV",
        null=True,
        editable=False,
        related_name="screened_referral",
    )
    after_summons = models.OneToOneField(
        Summons,
        models.PROTECT,
        verbose_name="fait suite à la convocation",
        null=True,
        editable=False,
        related_name="screened_referral",
    )

    objects = ScreenedReferralQuerySet.as_manager()

    class Meta(Placement.Meta):
        verbose_name = "mise en contact avec présélection"
        verbose_name_plural = "mises en contact avec présélection"
        constraints = [
            days_within("handed_over_on", name="screened_referral_within_the_years"),
            models.UniqueConstraint(
                fields=["offer", "candidate"],
                condition=Q(state__in=SCREENED_LIVE),
                name="one_live_screened_referral",
                violation_error_message="Cette personne est déjà mise en contact avec "
                "cette offre.",
            ),
            models.UniqueConstraint(
                fields=["adviser", "idempotency_key"],
                name="one_screened_referral_by_form",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ScreenedState.values),
                name="screened_referral_state_is_known",
            ),
            # Article 7. One that follows from a CV or an appointment had its document.
            models.CheckConstraint(
                condition=Q(state__in=[ScreenedState.PROPOSED, ScreenedState.CANCELLED])
                | (Q(handed_over_on__isnull=False) & ~Q(channel=""))
                | Q(after_cv__isnull=False)
                | Q(after_summons__isnull=False),
                name="screened_referral_goes_on_once_handed_over",
                violation_error_message="Enregistrez d’abord la remise du document "
                "(convention, art. 7).",
            ),
            models.CheckConstraint(
                condition=Q(state=ScreenedState.ENDED, outcome__isnull=False)
                | (~Q(state=ScreenedState.ENDED) & Q(outcome__isnull=True)),
                name="screened_referral_ends_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(state=ScreenedState.SET_ASIDE) | ~Q(set_aside_because=""),
                name="screened_referral_is_set_aside_for_a_reason",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("screened_referral", args=[self.pk])

    @property
    def is_delegated(self) -> bool:
        """Whether its offer delegates the preselection to partners (design 2.1)."""
        return self.offer.mode == Mode.DELEGATED

    @property
    def reset_until(self) -> dt.datetime | None:
        """Until when France Travail may take it up again, if it is set aside."""
        at = self.set_aside_at
        return at + settings.SET_ASIDE_RESET_WITHIN if at else None

    @property
    def set_aside_at(self) -> dt.datetime | None:
        """When it was last set aside, if it stands there."""
        if self.state != ScreenedState.SET_ASIDE:
            return None
        at: dt.datetime = self.steps.filter(target=self.state).latest("at", "pk").at
        return at

    @property
    def can_be_reset(self) -> bool:
        """France Travail takes it up again within fifteen days (domain 5.3)."""
        until = self.reset_until
        return until is not None and timezone.now() < until

    @transaction.atomic
    def hand_over(self, **gesture: Any) -> None:
        """The document reached the person; the application waits to be looked at."""
        super().hand_over(**gesture)
        self.move_to(ScreenedState.TO_REVIEW, by=None)

    def shortlist(self, *, by: User) -> None:
        """Keep the application: it may be presented to the employer."""
        self._go_forward(ScreenedState.SHORTLISTED, by=by)

    def set_aside(self, *, by: User, reason: str) -> None:
        """Do not keep it, for a coded reason that its adviser reads."""
        self._go_forward(
            ScreenedState.SET_ASIDE,
            by=by,
            note={"reason": str(reason)},
            set_aside_because=reason,
        )

    def ask_for_more(self, *, by: User) -> None:
        """Something is missing: it waits for its adviser."""
        self._go_forward(ScreenedState.ASKED_FOR_MORE, by=by)

    def complete(self, *, by: User) -> None:
        """What was missing was given: it is looked at again."""
        self.lock()
        if self.state != ScreenedState.ASKED_FOR_MORE:
            raise MoveRefused("Aucun complément n’est attendu : rechargez la page.")
        self._go_forward(ScreenedState.TO_REVIEW, by=by)

    def reset(self, *, by: User) -> None:
        """Look again at one that was set aside, within fifteen days."""
        self.lock()
        if not self.can_be_reset:
            raise MoveRefused(
                "Une candidature écartée se reprend dans les quinze jours, et elle "
                "seule."
            )
        self._go_forward(ScreenedState.TO_REVIEW, by=by, set_aside_because="")

    def present(self, *, by: User, on: dt.date) -> None:
        """The application was presented to the employer; the person is told."""
        self._refuse_unlikely_day(on)
        self._go_forward(ScreenedState.PRESENTED, by=by, note={"on": on.isoformat()})


class ScreenedReferralStep(ActStep):
    """One move of a mise en contact with preselection: a line of its timeline."""

    screened_referral = models.ForeignKey(
        ScreenedReferral,
        models.CASCADE,
        verbose_name="mise en contact avec présélection",
        related_name="steps",
    )

    class Meta(ActStep.Meta):
        verbose_name = "étape d’une mise en contact avec présélection"
        verbose_name_plural = "étapes d’une mise en contact avec présélection"
