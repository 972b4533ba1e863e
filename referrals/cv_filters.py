"""The choices above the list of demandes de CV, each with its count."""

from collections.abc import Mapping

from django.db.models import Count, Q
from django.utils import timezone

from referrals.filters import Choice
from referrals.models import CvState
from referrals.models.cv_requests import CvRequestQuerySet
from referrals.models.states import CV_AWAITED, CV_LIVE


def choices_today() -> Mapping[str, tuple[str, Q]]:
    """What stands in the address, how it is called, which requests it keeps."""
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


class CvRequestFilter:
    """The choice in force; one that nobody offers means all."""

    def __init__(self, acts: CvRequestQuerySet, asked: str) -> None:
        self._choices = choices_today()
        self.value = asked if asked in self._choices else ""
        self.acts = acts.filter(self._choices[self.value][1])
        self._all = acts

    @property
    def choices(self) -> list[Choice]:
        """All of them, counted in one query."""
        counts = self._all.aggregate(
            **{
                f"n{rank}": Count("pk", filter=kept) if kept else Count("pk")
                for rank, (_, kept) in enumerate(self._choices.values())
            }
        )
        return [
            Choice(value, label, counts[f"n{rank}"], value == self.value)
            for rank, (value, (label, _)) in enumerate(self._choices.items())
        ]
