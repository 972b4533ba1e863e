"""The list of one's candidates: what awaits, and the order."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Count, Q

from referrals.candidates.models.candidates import Candidate, CandidateQuerySet


class Filter(NamedTuple):
    code: str
    label: str
    people: CandidateQuerySet
    # What the page says of it.
    meaning: str = ""


SORTS = {"nom": "Nom", "recents": "Vus récemment", "en-cours": "Propositions en cours"}


class CandidateFilters:
    """The filter and the order of an address; an unknown one is the first."""

    def __init__(
        self,
        mine: CandidateQuerySet,
        query: Mapping[str, str],
        *,
        ticked: Iterable[Candidate] = (),
    ) -> None:
        self.mine = mine
        # The ticks come along to each other list.
        self.ticks = [("personne", str(one.pk)) for one in ticked]
        self.all = [
            Filter("tous", "Tous", mine),
            Filter(
                "a-faire",
                "À faire",
                mine.with_a_step_due(),
                "Un document est à remettre, une suite est à noter, ou un CV est en "
                "retard.",
            ),
            Filter(
                "en-cours", "Avec une proposition en cours", mine.with_any_live_act()
            ),
            Filter(
                "sans-solution",
                "Sans solution",
                mine.without_solution(),
                "On leur a proposé quelque chose ces six derniers mois, pour la "
                "première fois il y a plus d’un mois, et aucune embauche n’en est "
                "venue.",
            ),
        ]
        wanted = query.get("filtre", "")
        self.chosen = next((one for one in self.all if one.code == wanted), self.all[0])
        self.order = query.get("tri", "") if query.get("tri") in SORTS else "nom"

    @cached_property
    def counts(self) -> dict[str, int]:
        """Return how many persons each filter finds, in one query."""
        return self.mine.aggregate(
            **{
                one.code: Count("pk", filter=Q(pk__in=one.people.values("pk")))
                for one in self.all
            }
        )

    @property
    def links(self) -> list[tuple[str, int, str, bool]]:
        """Return (label, count, address, is open) of each filter."""
        return [
            (
                one.label,
                self.counts[one.code],
                self.address(one.code, self.order),
                one.code == self.chosen.code,
            )
            for one in self.all
        ]

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        """Return (label, address, is current) of each order."""
        return [
            (label, self.address(self.chosen.code, code), code == self.order)
            for code, label in SORTS.items()
        ]

    @property
    def chosen_parts(self) -> list[tuple[str, str]]:
        return parts_of(self.chosen.code, self.order)

    @property
    def address_without_ticks(self) -> str:
        return f"?{urlencode(self.chosen_parts)}"

    def address(self, code: str, order: str) -> str:
        return f"?{urlencode([*parts_of(code, order), *self.ticks])}"

    def sort(self, people: CandidateQuerySet) -> CandidateQuerySet:
        """Sort persons that have ``live_acts``; they come by name."""
        if self.order == "recents":
            return people.latest_used_first()
        if self.order == "en-cours":
            return people.busiest_first()
        return people


def parts_of(code: str, order: str) -> list[tuple[str, str]]:
    """Return the parameters of a filter and an order; the usual ones have none."""
    parts = [("filtre", code)] if code != "tous" else []
    return [*parts, ("tri", order)] if order != "nom" else parts
