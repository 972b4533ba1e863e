"""Territory of France Travail's staff: agency, territory or region (S27)."""

from django.apps import apps
from django.db.models import Model, Q, QuerySet

from accounts.structures.models import Agency, AgencyKind, agencies_under, in_places
from accounts.users.enums import Role
from accounts.users.models import User, offices_today


def agencies_of(user: User) -> QuerySet[Agency] | None:
    """Return the agencies of a user; None for the country."""
    return agencies_under(user.agency)


def within[M: Model](queryset: QuerySet[M], user: User, *paths: str) -> QuerySet[M]:
    """Filter rows that any path ties to the user's territory."""
    return in_places(queryset, agencies_of(user), *paths)


def sees(user: User, safir: str | None) -> bool:
    """Return whether that agency is of the user's territory."""
    agencies = agencies_of(user)
    return agencies is None or agencies.filter(pk=safir).exists()


# Administrators of these levels record a director's decision.
TERRITORIAL = (AgencyKind.TERRITORY, AgencyKind.REGION, AgencyKind.NATIONAL)
REGIONAL = (AgencyKind.REGION, AgencyKind.NATIONAL)


def level_of(user: User) -> AgencyKind:
    return AgencyKind(user.agency.kind) if user.agency else AgencyKind.NATIONAL


def administrators_over(
    agency: Agency | None, *, but: User | None = None
) -> list[User]:
    """Return administrators of the territory or region, else national ones.

    ``but``: the account in question.
    """
    national, local = [], []
    admins = User.objects.administrators().exclude(pk=but.pk if but else 0)
    for person in admins.select_related("agency"):
        agencies = agencies_of(person)
        if agencies is None:
            national.append(person)
        elif agency and agencies.filter(pk=agency.pk).exists():
            local.append(person)
    return local or national


def supervisors_of(account: User) -> list[User]:
    """Return an adviser's RGC, the administrators over any other account."""
    if account.role == Role.ADVISER:
        return list(User.objects.rgc_of(account.structure_id))
    home = account.structure.agency if account.structure else account.agency
    return administrators_over(home)


def nearest_administrators(
    agency: Agency | None, *, but: User | None = None
) -> list[User]:
    """Return administrators of the nearest place, else ``administrators_over``."""
    admins = User.objects.administrators().exclude(pk=but.pk if but else 0)
    for place in agency.upwards() if agency else ():
        if here := list(admins.filter(agency=place)):
            return here
    return administrators_over(agency, but=but)


def opened_today(accounts: QuerySet[User]) -> QuerySet[User]:
    """Filter those under a convention in force, an RGC in office."""
    in_force = apps.get_model("accounts", "Convention").objects.in_force()
    under = Q(structure__in=in_force.values("structure"))
    in_office = Q(nominations__in=offices_today())
    advisers = accounts.filter(under, role=Role.ADVISER)
    rgcs = accounts.filter(under & in_office, role=Role.RGC)
    return accounts.filter(
        Q(pk__in=advisers.values("pk")) | Q(pk__in=rgcs.values("pk"))
    )


def is_opened_today(account: User) -> bool:
    return opened_today(User.objects.filter(pk=account.pk)).exists()
