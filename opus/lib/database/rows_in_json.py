"""Rows of several tables in one query: each as a JSON object of its columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.functions import JSONObject


def columns_of(
    model: type[Model], prefix: str = "", only: Sequence[str] = ()
) -> JSONObject:
    """Return the expression of a row; ``prefix``: the path to its table."""
    names = only or [field.attname for field in model._meta.concrete_fields]
    return JSONObject(**{name: f"{prefix}{name}" for name in names})


def row_of[M: Model](model: type[M], values: Mapping[str, Any]) -> M:
    """Return the row of these columns; the others are read on demand."""
    fields = [field for field in model._meta.concrete_fields if field.attname in values]
    row = [field.to_python(values[field.attname]) for field in fields]
    return model.from_db(connection.alias, [field.attname for field in fields], row)
