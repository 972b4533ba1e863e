"""A day and an hour in the browser's own field."""

from typing import Any

from django import forms
from django.db import models

from opus.lib.forms.base import DateInput


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
