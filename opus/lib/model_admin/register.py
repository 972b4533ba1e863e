"""The list of a register: its order and its count."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.utils.functional import cached_property

from opus.lib.database.name_order import ByName

COUNT_NO_FURTHER_THAN = 10_000
NO_SUCH_ROW = (
    "Une des lignes cochées n’existe pas : rien n’a été fait. Cochez de nouveau les "
    "lignes de la liste."
)


def are_keys(model: type[models.Model], texts: Iterable[str]) -> bool:
    """Return whether rows could have these keys."""
    try:
        for text in texts:
            model._meta.pk.clean(text, None)
    except ValidationError:
        return False
    return not any("\0" in text for text in texts)


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
