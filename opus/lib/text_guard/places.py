from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst


def place_label(place: str) -> str:
    try:
        field = field_at(place)
    except (LookupError, FieldDoesNotExist):
        return place
    return capfirst(f"{field.model._meta.verbose_name}, {field.verbose_name}")


def field_at(place: str) -> Any:
    """Return the guarded field of ``app.model.field``."""
    model, _, name = place.rpartition(".")
    return apps.get_model(model)._meta.get_field(name)
