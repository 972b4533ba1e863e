"""How a field and a subject are called, as people read them."""

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model
from django.utils.text import capfirst

from opus.lib.wording.families import Family


def family_label(family: str) -> str:
    return str(Family(family).label)


def model_of(place: str) -> type[Model] | None:
    """The model of ``referrals.savedsearch.name``; None where it is gone."""
    app, model, _ = place.split(".")
    try:
        return apps.get_model(app, model)
    except LookupError:
        return None


def place_label(place: str) -> str:
    """``referrals.savedsearch.name`` as staff read it."""
    model = model_of(place)
    try:
        field = model._meta.get_field(place.rpartition(".")[2]) if model else None
    except FieldDoesNotExist:
        field = None
    if model is None or not isinstance(field, Field):
        return place
    return capfirst(f"{model._meta.verbose_name}, {field.verbose_name}")
