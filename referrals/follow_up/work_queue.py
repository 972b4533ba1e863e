"""The filtered list that an agent works through, act by act."""

import copy
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR
from django.db.models import Model
from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode

from opus.lib.model_admin.formatting import admin_url
from opus.lib.model_admin.records import RecordAdmin

# Where Django's lists put their own filters in the addresses of their rows.
FILTERS = "_changelist_filters"
# A longer list has no places: it is not worked through act by act.
LONGEST = 1_000


def query_of(filters: str) -> str:
    """Return what the address of an act says of its list."""
    return urlencode({FILTERS: filters})


class WorkQueue:
    """The acts of a list, in its order; empty outside of a list."""

    def __init__(self, pages: Any, request: HttpRequest) -> None:
        self.pages: RecordAdmin = pages
        self.request = request
        # Encoded twice, so a NUL passes the middleware; such filters are no list.
        filters = request.GET.get(FILTERS, "")
        self.filters = QueryDict("" if "%00" in filters else filters, mutable=True)
        self.filters.pop(PAGE_VAR, None)

    def __bool__(self) -> bool:
        return bool(self.filters)

    def __len__(self) -> int:
        return len(self.acts)

    @cached_property
    def acts(self) -> Sequence[Any]:
        """Return the acts' numbers as they are now."""
        if not self.filters:
            return []
        request = copy.copy(self.request)
        request.GET = self.filters  # type: ignore[assignment]
        try:
            found: Any = self.pages.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return []
        return list(found.queryset.values_list("pk", flat=True)[:LONGEST])

    def rank_of(self, act: Model) -> int | None:
        return self.acts.index(act.pk) if act.pk in self.acts else None

    def after(self, act: Model) -> Any:
        """Return the next act's number, the first after the last; None alone."""
        rank = self.rank_of(act)
        others = [one for one in self.acts if one != act.pk]
        if not others:
            return None
        return others[rank % len(others)] if rank is not None else others[0]

    def url_of(self, key: Any) -> str:
        """Return an act's page, within this list."""
        return f"{admin_url(self.pages.model, 'change', key)}?{self.query}"

    @property
    def query(self) -> str:
        return query_of(self.filters.urlencode())

    def list_url(self, act: Model | None = None) -> str:
        """Return the list, at the page of this act."""
        filters = self.filters.copy()
        rank = self.rank_of(act) if act else None
        if rank and (page := rank // self.pages.list_per_page):
            filters[PAGE_VAR] = str(page + 1)
        return f"{self.pages.list_url()}?{filters.urlencode()}"
