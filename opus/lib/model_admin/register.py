"""The list of a register: its order and its count."""

from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Paginator
from django.db import models
from django.utils.functional import cached_property

from opus.lib.database.name_order import ByName

COUNT_NO_FURTHER_THAN = 10_000


class CappedPaginator(Paginator):
    """Stop counting at a limit: a million rows cost seconds."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list[:COUNT_NO_FURTHER_THAN]
        return rows.count() if isinstance(rows, models.QuerySet) else len(rows)


class Register(ChangeList):
    """A list whose texts sort as in French: É beside E."""

    def get_ordering_field(self, field_name: Any) -> Any:
        found: Any = super().get_ordering_field(field_name)
        try:
            field: Any = self.lookup_opts.get_field(found)
        except (FieldDoesNotExist, AttributeError, TypeError):
            return found
        # Codes and numbers are unique, and keep their index.
        is_text = isinstance(field, models.CharField | models.TextField)
        return (
            ByName(found) if is_text and not (field.choices or field.unique) else found
        )
