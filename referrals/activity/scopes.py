"""The acts that each user may count (V19, domain 5.7).

An adviser reads exact counts of his persons' acts, the RGC of his structure's. Beyond
the structure small numbers are masked: staff's territory, and the pack of a review.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Self

from django.db.models import Q, QuerySet

from accounts.structures.models import Structure
from accounts.users.enums import Role
from accounts.users.models.users import User
from accounts.users.territory import agencies_of, within
from opus.lib.database.name_order import ByName
from referrals.activity.periods import Period
from referrals.acts.models.acts import ActQuerySet


@dataclasses.dataclass(frozen=True)
class Scope:
    """A set of acts, and how they may be shown.

    ``slug`` in addresses and exports: « miens », « structure », « territoire », or the
    number of a structure.
    """

    slug: str
    label: str
    pick: Callable[[ActQuerySet[Any]], ActQuerySet[Any]]
    is_own: bool = False
    is_masked: bool = True
    # Its name among the others of the reader, if shorter.
    choice: str = ""
    # Advisers' names are shown only to the RGC of their structure.
    has_advisers: bool = False
    has_structures: bool = False
    # Where the acts are of one structure.
    structure: int | None = None

    @property
    def for_both_parties(self) -> Self:
        """Return it as France Travail may read it: masked, no adviser."""
        return dataclasses.replace(self, is_masked=True, has_advisers=False)

    def period_of(self, query: Mapping[str, str]) -> Period:
        return Period.of_year(query) if self.is_masked else Period.of_query(query)

    def period_before(self, period: Period) -> Period:
        return period.year_before if self.is_masked else period.before


MINE, TEAM, TERRITORY = "miens", "structure", "territoire"


def scopes_of(user: User) -> list[Scope]:
    if user.is_staff:
        return [territory_of(user)]
    # His own caseload only: a confided one counts for its owner.
    mine = Scope(
        MINE,
        "Mes propositions",
        lambda acts: acts.of_caseload(user),
        is_own=True,
        is_masked=False,
    )
    if user.role != Role.RGC:
        return [mine]
    team = Scope(
        TEAM,
        str(user.structure),
        lambda acts: acts.filter(structure=user.structure_id),
        choice="Ma structure",
        is_masked=False,
        has_advisers=True,
        structure=user.structure_id,
    )
    return [team, mine]


def territory_of(user: User) -> Scope:
    """Return the acts that staff may count."""
    agencies = agencies_of(user)
    if agencies is None:
        return Scope(
            TERRITORY, "Toute la France", lambda acts: acts, has_structures=True
        )
    offers = Q(offer__agency_safir__in=agencies.values("safir"))
    structures = Q(structure__agency__in=agencies.values("pk"))
    return Scope(
        TERRITORY,
        str(user.agency),
        lambda acts: acts.filter(offers | structures),
        has_structures=True,
    )


def structures_of(user: User) -> QuerySet[Structure]:
    return within(Structure.objects.order_by(ByName("name"), "pk"), user, "agency")


def scope_of(user: User, slug: str) -> Scope | None:
    known = scopes_of(user)
    if not slug:
        return known[0]
    if found := next((scope for scope in known if scope.slug == slug), None):
        return found
    if not user.is_staff or not slug.isascii() or not slug.isdigit():
        return None
    structure = structures_of(user).filter(pk=int(slug[:9])).first()
    if structure is None:
        return None
    # One structure, for its review (art. 11).
    pk = structure.pk
    return Scope(
        str(pk), str(structure), lambda acts: acts.filter(structure=pk), structure=pk
    )
