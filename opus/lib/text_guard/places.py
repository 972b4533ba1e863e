from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model
from django.utils.text import capfirst

from opus.lib.text_guard.categories import Category


def category_label(category: str) -> str:
    return str(Category(category).label)


def model_of(place: str) -> type[Model] | None:
    """Return the model of ``referrals.savedsearch.name``, if it still exists."""
    app, model, _ = place.split(".")
    try:
        return apps.get_model(app, model)
    except LookupError:
        return None


def place_label(place: str) -> str:
    model = model_of(place)
    try:
        field = model._meta.get_field(place.rpartition(".")[2]) if model else None
    except FieldDoesNotExist:
        field = None
    if model is None or not isinstance(field, Field):
        return place
    return capfirst(f"{model._meta.verbose_name}, {field.verbose_name}")


def field_at(place: str) -> Any:
    """Return the guarded field of ``app.model.field``; raise LookupError."""
    app, model, name = place.split(".")
    try:
        return apps.get_model(app, model)._meta.get_field(name)
    except FieldDoesNotExist as error:
        raise LookupError(place) from error
