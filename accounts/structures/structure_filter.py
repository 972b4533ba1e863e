"""The filter of a register by one structure, from the structure's page."""

from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.structures.models import Structure
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
