"""Which convocations wait, and for whom."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, F, Q, Value
from django.db.models.functions import Abs, Extract
from django.utils import timezone

from offers.catalogue.models import Offer
from offers.enums import OfferState
from referrals.acts.models.acts import ActQuerySet
from referrals.acts.states import (
    APPOINTMENT_LIVE,
    APPOINTMENT_TO_COME,
    AppointmentState,
)
from referrals.candidates.models.candidates import Candidate

S = AppointmentState
# The agency agreed: it opened the slot, or confirmed the adviser's own date (2.9).
AGREED = Q(slot__isnull=False) | Q(confirmed_at__isnull=False)


class AppointmentQuerySet(ActQuerySet[Any]):
    def past_without_status(self) -> Self:
        return self.filter(state__in=APPOINTMENT_LIVE, at__lte=timezone.now())

    def long_without_status(self) -> Self:
        """Filter those past and due for a reminder (5.8)."""
        since = timezone.now() - settings.APPOINTMENT_TOLD_WITHIN
        return self.filter(state__in=APPOINTMENT_LIVE, at__lte=since)

    def to_hand_over(self) -> Self:
        """Return agreed ones without hand-over (art. 7)."""
        return self.filter(AGREED, state__in=[S.PLANNED, S.CHANGED])

    def waiting_for_agency(self) -> Self:
        """Return future ones that the agency has not confirmed (2.9)."""
        return self.filter(
            state__in=APPOINTMENT_TO_COME,
            at__gt=timezone.now(),
            slot__isnull=True,
            confirmed_at__isnull=True,
            date_refused_at__isnull=True,
        )

    def wanted(self) -> Q:
        return (
            AGREED & Q(state__in=[S.PLANNED, S.CHANGED])
            | Q(at__lte=timezone.now())
            | Q(date_refused_at__isnull=False)
            | ~Q(offer__state=OfferState.ACTIVE)
        )

    def nearest_first(self) -> Self:
        """Sort: future ones first, then past ones, both nearest first."""
        now = timezone.now()
        away = Abs(Extract(F("at") - Value(now, models.DateTimeField()), "epoch"))
        is_past = ExpressionWrapper(Q(at__lte=now), models.BooleanField())
        return self.order_by(is_past, away, "pk")

    def missed(self, offer: Offer, candidate: Candidate) -> Any:
        """Return the absence that a new convocation replaces."""
        return self.filter(
            offer=offer, candidate=candidate, state=S.ABSENT, followed_by__isnull=True
        ).first()
