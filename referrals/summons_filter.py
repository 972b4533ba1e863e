"""The choices above the list of convocations, each with its count."""

from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from referrals.filters import Choice
from referrals.models import SummonsState
from referrals.models.states import SUMMONS_LIVE, SUMMONS_TO_COME
from referrals.models.summonses import SummonsQuerySet

# What became of them is known.
TOLD = (
    SummonsState.ATTENDED,
    SummonsState.ABSENT,
    SummonsState.KEPT,
    SummonsState.NOT_KEPT,
)


def choices_now() -> dict[str, tuple[str, Q]]:
    """What stands in the address, how it is called, which convocations it keeps."""
    now = timezone.now()
    to_come = Q(state__in=SUMMONS_TO_COME, at__gt=now)
    not_handed_over = Q(state__in=[SummonsState.PLANNED, SummonsState.CHANGED])
    return {
        "": ("Toutes", Q()),
        "a-remettre": ("À remettre", to_come & not_handed_over),
        "a-venir": ("À venir", to_come),
        "a-renseigner": ("À renseigner", Q(state__in=SUMMONS_LIVE, at__lte=now)),
        "passees": ("Passées", Q(state__in=TOLD)),
        "annulees": ("Annulées", Q(state=SummonsState.CANCELLED)),
    }


class SummonsFilter:
    """The choice in force; one that nobody offers means all."""

    def __init__(self, acts: SummonsQuerySet, asked: str) -> None:
        self._choices = choices_now()
        self.value = asked if asked in self._choices else ""
        self.acts = acts.filter(self._choices[self.value][1])
        self._all = acts

    @property
    def choices(self) -> list[Choice]:
        """All of them, counted in one query."""
        counts: dict[str, Any] = self._all.aggregate(
            **{
                f"n{rank}": Count("pk", filter=kept) if kept else Count("pk")
                for rank, (_, kept) in enumerate(self._choices.values())
            }
        )
        return [
            Choice(value, label, counts[f"n{rank}"], value == self.value)
            for rank, (value, (label, _)) in enumerate(self._choices.items())
        ]
