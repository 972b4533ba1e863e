"""Counts of deleted acts, in cells of five persons (V10).

All acts of a person go in one batch, so that a cell counts a person once.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from opus.lib.french_regions import department_of_postcode
from referrals.acts.models.acts import Act
from referrals.privacy.models import OTHERS, PastActs

# Month or year, department, kind, outcome.
Cell = tuple[str, str, str, str]

# From the finest cell to the widest: too few acts for one go into the next.
WIDER: tuple[Callable[[Cell], Cell], ...] = (
    lambda cell: cell,
    lambda cell: (*cell[:3], OTHERS),
    lambda cell: (cell[0], OTHERS, cell[2], OTHERS),
    lambda cell: (cell[0][:4], OTHERS, cell[2], OTHERS),
    lambda cell: (cell[0][:4], OTHERS, OTHERS, OTHERS),
)


def count(candidates: Collection[UUID]) -> tuple[int, int]:
    """Count the acts of these persons, before they are deleted.

    Returns (acts counted, acts too few even for the widest cell).
    """
    left = list(acts_of_persons(candidates))
    made = len(left)
    for widen in WIDER:
        groups: defaultdict[Cell, list[tuple[Cell, UUID]]] = defaultdict(list)
        for cell, person in left:
            groups[widen(cell)].append((cell, person))
        left = []
        for wide, members in groups.items():
            persons = {person for _, person in members}
            if not add(wide, acts=len(members), persons=len(persons)):
                left += members
    return made - len(left), len(left)


def acts_of_persons(candidates: Any) -> Iterator[tuple[Cell, UUID]]:
    """Yield the finest cell and the person of each act."""
    acts = Act.objects.filter(candidate__in=candidates).order_by()
    rows = acts.values_list(
        *("kind", "created_at", "structure__postcode"),
        *("outcome__code_id", "state", "candidate_id"),
    )
    for kind, made_at, postcode, outcome, state, person in rows:
        month = f"{timezone.localtime(made_at):%Y-%m}"
        department = department_of_postcode(postcode)
        place = department.code if department else OTHERS
        yield (month, place, kind, outcome or state), person


def add(cell: Cell, *, acts: int, persons: int) -> bool:
    """Add to a cell, or open it; False: too few."""
    grown = PastActs.objects.filter(pk=cell).update(
        acts=F("acts") + acts, persons=F("persons") + persons
    )
    if grown:
        return True
    if persons < settings.KEPT.cell_of:
        return False
    PastActs.objects.create(pk=cell, acts=acts, persons=persons)
    return True
