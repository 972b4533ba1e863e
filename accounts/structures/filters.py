"""Filters by structure and by territory."""

from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.structures.models import (
    Agency,
    AgencyKind,
    Structure,
    agencies_under,
    in_places,
)
from opus.lib.forms.base import as_number
from opus.lib.model_admin.filters import ObjectFilter
from opus.lib.model_admin.formatting import link_to


class StructureFilter(ObjectFilter):
    """Follow ``structure_path`` of the admin; no choice unless one is chosen."""

    title = "structure"
    parameter_name = "structure"

    def __init__(self, request: HttpRequest, params: Any, model: Any, pages: Any):
        self.reader: Any = request.user
        self.path: str = pages.structure_lookup
        super().__init__(request, params, model, pages)

    @cached_property
    def chosen(self) -> Structure | None:
        """Return the structure. Raises IncorrectLookupParameters for a stranger."""
        key = str(self.value() or "")
        if not key:
            return None
        pages: Any = admin.site.get_model_admin(Structure)
        rows = pages.within(Structure.objects.all(), self.reader)
        found: Structure | None = rows.filter(pk=as_number(key)).first()
        if found is None:
            raise IncorrectLookupParameters
        return found

    @property
    def link(self) -> str:
        return link_to(self.chosen, self.reader) if self.chosen else ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(self.chosen.pk), str(self.chosen))] if self.chosen else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.chosen is None:
            return queryset
        return queryset.filter(**{self.path: self.chosen})


# More places than any direction has agencies: a choice stays one that is read.
MOST_PLACES = 120


class TerritoryFilter(admin.SimpleListFilter):
    """One place at a time: the country, a region, a direction, an agency.

    It shows what lies above the chosen place, the place, and what lies just below; so
    nine hundred agencies are never listed at once. ``territory_paths`` of the admin
    lead to an agency.
    """

    title = "territoire"
    parameter_name = "territoire"

    def __init__(self, request: HttpRequest, params: Any, model: Any, pages: Any):
        self.paths: tuple[str, ...] = pages.territory_paths
        user: Any = request.user
        self.home: Agency | None = user.agency
        super().__init__(request, params, model, pages)

    @cached_property
    def reach(self) -> QuerySet[Agency]:
        under = agencies_under(self.home)
        return Agency.objects.all() if under is None else under

    @cached_property
    def place(self) -> Agency | None:
        """Return the chosen place. Raises IncorrectLookupParameters for a stranger."""
        if not self.value():
            return None
        found = self.reach.select_related("parent__parent").filter(pk=self.value())
        place = found.first()
        if place is None:
            raise IncorrectLookupParameters
        return place

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        above = [] if self.place is None else list(self.place.upwards())[::-1]
        below = self.below(self.place or self.home)[:MOST_PLACES]
        shown = [one for one in above if one.kind != AgencyKind.NATIONAL]
        depth = len(shown)
        return [
            *((one.pk, f"{'› ' * level}{one}") for level, one in enumerate(shown)),
            *((one.pk, f"{'› ' * depth}{one}") for one in below),
        ]

    def below(self, place: Agency | None) -> QuerySet[Agency]:
        """Return the places just under this one, by name."""
        if place is None or place.kind == AgencyKind.NATIONAL:
            top = Q(parent=None) | Q(parent__kind=AgencyKind.NATIONAL)
            regions = Q(kind=AgencyKind.REGION)
            return self.reach.filter(regions | top & ~Q(kind=AgencyKind.NATIONAL))
        if place.kind == AgencyKind.AGENCY:
            return Agency.objects.none()
        under: Any = agencies_under(place)
        # An agency without a parent falls under its department or region.
        direct = Q(parent=place) | Q(parent=None)
        return under.filter(direct).exclude(pk=place.pk)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return in_places(queryset, agencies_under(self.place), *self.paths)
