"""Read-only fields of a page, without links that the reader may not open."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import helpers

from opus.lib.model_admin.formatting import link_to


class ReadonlyField(helpers.AdminReadonlyField):
    """A read-only field without Django's links to forbidden pages."""

    form: Any

    def get_admin_url(self, remote_field: Any, remote_obj: Any) -> str:
        return link_to(remote_obj, self.form.by)


class ReadonlyLine(helpers.Fieldline):
    def __iter__(self) -> Iterator[Any]:
        for field in super().__iter__():
            if field.is_readonly:
                name: Any = field.field["field"]
                yield ReadonlyField(self.form, name, field.is_first, self.model_admin)
            else:
                yield field


class ReadonlyFieldset(helpers.Fieldset):
    fields: Any

    def __iter__(self) -> Iterator[ReadonlyLine]:
        for field in self.fields:
            yield ReadonlyLine(self.form, field, self.readonly_fields, self.model_admin)


class ReadonlyForm(helpers.AdminForm):
    def __iter__(self) -> Iterator[ReadonlyFieldset]:
        for name, options in self.fieldsets:
            facts: dict[str, Any] = {**options}
            facts.update(
                readonly_fields=self.readonly_fields, model_admin=self.model_admin
            )
            yield ReadonlyFieldset(self.form, name, **facts)
