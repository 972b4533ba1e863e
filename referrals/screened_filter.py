"""The choices above the list of applications with preselection, each with its count."""

from collections.abc import Mapping

from django.db.models import Count, Q

from referrals.filters import Choice
from referrals.models import ScreenedState
from referrals.models.screened import ScreenedReferralQuerySet

S = ScreenedState
# What stands in the address, how it is called, which acts it keeps.
CHOICES: Mapping[str, tuple[str, Q]] = {
    "": ("Toutes", Q()),
    "a-remettre": ("Document à remettre", Q(state__in=[S.PROPOSED, S.HANDED_OVER])),
    "a-examiner": ("À examiner", Q(state=S.TO_REVIEW)),
    "complement": ("Complément demandé", Q(state=S.ASKED_FOR_MORE)),
    "preselectionnees": ("Présélectionnées", Q(state=S.SHORTLISTED)),
    "presentees": ("Présentées", Q(state__in=[S.PRESENTED, S.INTERVIEW])),
    "terminees": ("Suite connue", Q(state=S.ENDED)),
    "ecartees": ("Écartées", Q(state=S.SET_ASIDE)),
    "annulees": ("Annulées", Q(state=S.CANCELLED)),
}


class ScreenedFilter:
    """The choice in force; one that nobody offers means all."""

    def __init__(self, acts: ScreenedReferralQuerySet, asked: str) -> None:
        self.value = asked if asked in CHOICES else ""
        self.acts = acts.filter(CHOICES[self.value][1])
        self._all = acts

    @property
    def choices(self) -> list[Choice]:
        """All of them, counted in one query."""
        counts = self._all.aggregate(
            **{
                f"n{rank}": Count("pk", filter=kept) if kept else Count("pk")
                for rank, (_, kept) in enumerate(CHOICES.values())
            }
        )
        return [
            Choice(value, label, counts[f"n{rank}"], value == self.value)
            for rank, (value, (label, _)) in enumerate(CHOICES.items())
        ]
