"""The choices above the list of acts, each with its count."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q

from offers.models import OfferState
from referrals.models import LIVE_STATES, ReferralState

Choices = Mapping[str, tuple[str, Q]]

WITHDRAWN = Q(state__in=LIVE_STATES) & ~Q(offer__state=OfferState.ACTIVE)

# What stands in the address, how it is called, which acts it keeps.
CHOICES: Choices = {
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


class ActFilter:
    """The choice in force in a list of one kind; one that nobody offers means all.

    ``choices_of`` gives the choices of the kind, some of which depend on the hour.
    """

    def __init__(self, acts: Any, asked: str) -> None:
        self._choices = self.choices_of()
        self.value = asked if asked in self._choices else ""
        self.acts = acts.filter(self._choices[self.value][1])
        self._all = acts

    @staticmethod
    def choices_of() -> Choices:
        """What stands in the address, how it is called, which acts it keeps."""
        return CHOICES

    @property
    def choices(self) -> list[Choice]:
        """All of them, counted in one query."""
        counts: dict[str, int] = self._all.aggregate(
            **{
                f"n{rank}": Count("pk", filter=kept) if kept else Count("pk")
                for rank, (_, kept) in enumerate(self._choices.values())
            }
        )
        return [
            Choice(value, label, counts[f"n{rank}"], value == self.value)
            for rank, (value, (label, _)) in enumerate(self._choices.items())
        ]


class ReferralFilter(ActFilter):
    """That of the mises en contact without preselection."""
