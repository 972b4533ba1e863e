"""The choices above the list of acts, each with its count."""

import dataclasses

from django.db.models import Count, Q

from offers.models import OfferState
from referrals.models import LIVE_STATES, ReferralState
from referrals.models.referrals import ReferralQuerySet

WITHDRAWN = Q(state__in=LIVE_STATES) & ~Q(offer__state=OfferState.ACTIVE)

# What stands in the address, how it is called, which acts it keeps.
CHOICES: dict[str, tuple[str, Q]] = {
    "": ("Toutes", Q()),
    "a-remettre": ("Document à remettre", Q(state=ReferralState.PROPOSED)),
    "en-cours": (
        "En cours",
        Q(state__in=LIVE_STATES) & ~Q(state=ReferralState.PROPOSED),
    ),
    "retirees": ("Offre retirée", WITHDRAWN),
    "terminees": ("Suite connue", Q(state=ReferralState.ENDED)),
    "annulees": ("Annulées", Q(state=ReferralState.CANCELLED)),
}


@dataclasses.dataclass(frozen=True)
class Choice:
    """One choice: its place in the address, its name, how many acts it keeps."""

    value: str
    label: str
    count: int
    is_chosen: bool


class ReferralFilter:
    """The choice in force; one that nobody offers means all."""

    def __init__(self, acts: ReferralQuerySet, asked: str) -> None:
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
