from django.db.models import Q
from django.utils import timezone

from referrals.acts.states import (
    APPOINTMENT_LIVE,
    APPOINTMENT_TO_COME,
    AppointmentState,
)
from referrals.follow_up.filters import Choices

# States with a recorded result.
RECORDED = (
    AppointmentState.ATTENDED,
    AppointmentState.ABSENT,
    AppointmentState.KEPT,
    AppointmentState.NOT_KEPT,
)


def choices_now() -> Choices:
    now = timezone.now()
    to_come = Q(state__in=APPOINTMENT_TO_COME, at__gt=now)
    not_handed_over = Q(state__in=[AppointmentState.PLANNED, AppointmentState.CHANGED])
    return {
        "": ("Toutes", Q()),
        "a-remettre": ("À remettre", to_come & not_handed_over),
        "a-venir": ("À venir", to_come),
        "a-renseigner": ("À renseigner", Q(state__in=APPOINTMENT_LIVE, at__lte=now)),
        "passees": ("Passées", Q(state__in=RECORDED)),
        "annulees": ("Annulées", Q(state=AppointmentState.CANCELLED)),
    }
