"""Read-only fields of a page, without links that the reader may not open."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import helpers

from opus.lib.staff.formatting import link_to


class ShownField(helpers.AdminReadonlyField):
    """A read-only field without Django's links to forbidden pages."""

    form: Any

    def get_admin_url(self, remote_field: Any, remote_obj: Any) -> str:
        return link_to(remote_obj, self.form.by)


class SheetLine(helpers.Fieldline):
    def __iter__(self) -> Iterator[Any]:
        for field in super().__iter__():
            if field.is_readonly:
                name: Any = field.field["field"]
                yield ShownField(self.form, name, field.is_first, self.model_admin)
            else:
                yield field


class SheetPart(helpers.Fieldset):
    fields: Any

    def __iter__(self) -> Iterator[SheetLine]:
        for field in self.fields:
            yield SheetLine(self.form, field, self.readonly_fields, self.model_admin)


class Sheet(helpers.AdminForm):
    def __iter__(self) -> Iterator[SheetPart]:
        for name, options in self.fieldsets:
            facts: dict[str, Any] = {**options}
            facts.update(
                readonly_fields=self.readonly_fields, model_admin=self.model_admin
            )
            yield SheetPart(self.form, name, **facts)
