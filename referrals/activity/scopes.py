"""Whose acts are counted, and for whom (V19, domain 5.7).

An adviser reads the acts of the persons whom he accompanies, exactly. The RGC reads
those of his structure, France Travail's staff those of their territory: in counts,
with small numbers masked, since the acts are not theirs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Role, Structure, User
from accounts.scope import agencies_of, within
from opus.lib.sorting import ByName
from referrals.models.acts import ActQuerySet

Pick = Callable[[ActQuerySet[Any]], ActQuerySet[Any]]


@dataclasses.dataclass(frozen=True)
class Scope:
    """Some acts, and how they may be told.

    ``slug`` stands in addresses and in the rows of exports: « miens », « structure »,
    « territoire », or the number of a structure.
    """

    slug: str
    label: str
    pick: Pick
    is_own: bool = False
    # Names are told of a structure's own advisers, to its RGC alone.
    has_advisers: bool = False
    has_structures: bool = False

    @property
    def is_masked(self) -> bool:
        return not self.is_own


MINE, TEAM, TERRITORY = "miens", "structure", "territoire"


def scopes_of(user: User) -> list[Scope]:
    """What this person may read, the usual first."""
    if user.is_staff:
        return [territory_of(user)]
    # His own caseload: one that is confided to him for a time stays its owner's.
    mine = Scope(MINE, "Mes actes", lambda acts: acts.of_caseload(user), is_own=True)
    if user.role != Role.RGC:
        return [mine]
    return [team_of(user), mine]


def team_of(user: User) -> Scope:
    """The acts of the RGC's own structure."""
    return Scope(
        TEAM,
        f"Ma structure : {user.structure}",
        lambda acts: acts.filter(structure=user.structure_id),
        has_advisers=True,
    )


def territory_of(user: User) -> Scope:
    """All that a member of the staff may count: by the structure, or by the offer."""
    agencies = agencies_of(user)
    if agencies is None:
        return Scope(
            TERRITORY, "Toute la France", lambda acts: acts, has_structures=True
        )
    home = user.agency
    label = str(home) if home else ""
    offers = Q(offer__agency_safir__in=agencies.values("safir"))
    structures = Q(structure__agency__in=agencies.values("pk"))
    return Scope(
        TERRITORY,
        label,
        lambda acts: acts.filter(offers | structures),
        has_structures=True,
    )


def structures_of(user: User) -> QuerySet[Structure]:
    """Those that a member of the staff may ask about, one by one."""
    return within(Structure.objects.order_by(ByName("name"), "pk"), user, "agency")


def scope_of(user: User, slug: str) -> Scope | None:
    """The scope that an address or an export names; None if it is not one's own."""
    known = scopes_of(user)
    if not slug:
        return known[0]
    if found := next((scope for scope in known if scope.slug == slug), None):
        return found
    if not user.is_staff or not slug.isascii() or not slug.isdigit():
        return None
    structure = structures_of(user).filter(pk=int(slug[:9])).first()
    return one_structure(structure) if structure else None


def one_structure(structure: Structure) -> Scope:
    """The acts of a structure, for the review with its agency (art. 11)."""
    return Scope(
        str(structure.pk),
        str(structure),
        lambda acts: acts.filter(structure=structure.pk),
    )
