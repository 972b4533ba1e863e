from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from opus.lib.forms.base import DateInput, ModelForm


class ChangeForm(ModelForm):
    also_checks: ClassVar[tuple[str, ...]] = ()
    # Why the last save failed (``StaffAdmin.get_form``).
    refusal: ClassVar[str] = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.refusal:
            raise ValidationError(self.refusal)
        return cleaned

    def validate_constraints(self) -> None:
        excluded = {
            field.name
            for field in self.instance._meta.fields
            if field.name not in self.cleaned_data
            and (field.name in self.fields or field.name not in self.also_checks)
        }
        try:
            self.instance.validate_constraints(exclude=excluded)
        except ValidationError as error:
            self.add_error(None, error)


class InstantInput(forms.DateTimeInput):
    """To the minute, in Paris time."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


# The ``formfield_overrides`` of an admin with instants.
OVERRIDES: dict[Any, Any] = {
    models.DateField: {"widget": DateInput},
    models.DateTimeField: {"form_class": forms.DateTimeField, "widget": InstantInput},
}
