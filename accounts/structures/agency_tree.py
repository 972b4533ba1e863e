"""Agencies under or over a place, from the network's tree (S27)."""

from django.db.models import Q, QuerySet

from accounts.structures.models import Agency, AgencyKind


def agencies_under(home: Agency | None) -> QuerySet[Agency] | None:
    """Return the agencies of a territory; None for the country.

    From the network's tree; an agency without parent falls under its department or
    region (design 4).
    """
    if home is None or home.kind == AgencyKind.NATIONAL:
        return None
    family = Q(pk=home.pk) | Q(parent=home) | Q(parent__parent=home)
    if home.kind == AgencyKind.TERRITORY and home.department:
        family |= Q(parent=None, kind=AgencyKind.AGENCY, department=home.department)
    if home.kind == AgencyKind.REGION and home.region:
        family |= Q(parent=None, region=home.region) & ~Q(kind=AgencyKind.NATIONAL)
    return Agency.objects.filter(family)


def places_over(safir: str) -> QuerySet[Agency]:
    """Return places whose territory has that agency, itself included."""
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
