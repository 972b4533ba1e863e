"""How far France Travail's staff see: their agency, territory or region (S27).

An agent works for his agency; an administrator for the place of the network that he
belongs to and what depends on it, or for the whole country if he belongs to none.
"""

from django.db.models import Model, Q, QuerySet

from accounts.models import Agency, AgencyKind, Role, User
from accounts.models.users import COUNTED_STATES


def agencies_of(user: User) -> QuerySet[Agency] | None:
    """The agencies of that user's territory; None for the whole country.

    What depends on what is told by the network's own tree. Where an agency's parent
    was not imported, its department or region stands for it (design 4).
    """
    home = user.agency
    if home is None or home.kind == AgencyKind.NATIONAL:
        return None
    family = Q(pk=home.pk) | Q(parent=home) | Q(parent__parent=home)
    if home.kind == AgencyKind.TERRITORY and home.department:
        family |= Q(parent=None, kind=AgencyKind.AGENCY, department=home.department)
    if home.kind == AgencyKind.REGION and home.region:
        family |= Q(parent=None, region=home.region) & ~Q(kind=AgencyKind.NATIONAL)
    return Agency.objects.filter(family)


def places_over(safir: str) -> QuerySet[Agency]:
    """Return the places of the network whose territory holds that agency, itself too:
    ``agencies_of`` read from below, as one question.
    """
    here = Agency.objects.filter(pk=safir)
    alone = here.filter(parent=None)
    of_department = alone.filter(kind=AgencyKind.AGENCY).exclude(department="")
    of_region = alone.exclude(region="")
    return Agency.objects.filter(
        Q(pk=safir)
        | Q(pk__in=here.values("parent"))
        | Q(pk__in=here.values("parent__parent"))
        | Q(
            kind=AgencyKind.TERRITORY, department__in=of_department.values("department")
        )
        | Q(kind=AgencyKind.REGION, region__in=of_region.values("region"))
    )


def within[M: Model](queryset: QuerySet[M], user: User, *paths: str) -> QuerySet[M]:
    """The rows that one of these paths ties to an agency of the user's territory."""
    agencies = agencies_of(user)
    if agencies is None:
        return queryset
    condition = Q()
    for path in paths:
        condition |= Q(**{f"{path}__in": agencies.values("pk")})
    return queryset.filter(condition)


# The levels whose administrators record a director's decision (domain 5.7).
TERRITORIAL = (AgencyKind.TERRITORY, AgencyKind.REGION, AgencyKind.NATIONAL)
REGIONAL = (AgencyKind.REGION, AgencyKind.NATIONAL)


def level_of(user: User) -> AgencyKind:
    """The level of the network that this member of the staff belongs to."""
    return AgencyKind(user.agency.kind) if user.agency else AgencyKind.NATIONAL


def administrators_over(agency: Agency | None) -> list[User]:
    """France Travail's administrators to tell about a structure of that agency.

    Those of its territory or region; where there are none, those of the whole country.
    """
    everybody = User.objects.filter(role=Role.FT_ADMIN, state__in=COUNTED_STATES)
    national, local = [], []
    for person in everybody.select_related("agency"):
        agencies = agencies_of(person)
        if agencies is None:
            national.append(person)
        elif agency and agencies.filter(pk=agency.pk).exists():
            local.append(person)
    return local or national


def nearest_administrators(agency: Agency | None) -> list[User]:
    """France Travail's administrators of the nearest place: agency, territory, region.

    Where there are none, those of ``administrators_over``.
    """
    admins = User.objects.filter(role=Role.FT_ADMIN, state__in=COUNTED_STATES)
    place = agency
    while place is not None:
        if here := list(admins.filter(agency=place)):
            return here
        place = place.parent
    return administrators_over(agency)
