from django.db.models import Q
from django.utils import timezone

from referrals.acts.states import CV_AWAITED, CV_LIVE, CvState
from referrals.follow_up.filters import Choices


def choices_today() -> Choices:
    awaited = Q(state__in=CV_AWAITED)
    return {
        "": ("Toutes", Q()),
        "a-remettre": ("Lettre à remettre", awaited & Q(handed_over_on__isnull=True)),
        "attendus": ("CV attendus", awaited & Q(handed_over_on__isnull=False)),
        "en-retard": ("En retard", awaited & Q(due_on__lt=timezone.localdate())),
        "agence": (
            "Chez France Travail",
            Q(state__in=[CvState.RECEIVED, CvState.SENT]),
        ),
        "closes": ("Closes", ~Q(state__in=CV_LIVE)),
    }
