"""Rows of several tables in one query, maybe as JSON objects of their columns."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet, Value
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


def union_of(queries: Iterable[QuerySet[Any, Any]], *order: str) -> Iterable[Any]:
    """Return the rows of all, in one query; a single one has its order already."""
    first, *others = queries
    return first.union(*others, all=True).order_by(*order) if others else first


def read_together(*sources: tuple[QuerySet[Any], Sequence[str]]) -> list[list[Any]]:
    """Return the rows of several tables in one query, without their order.

    Each comes with the foreign keys named beside it: « by », « review__by » after
    « review ».
    """
    queries = (
        rows.order_by().values_list(
            Value(number),
            columns_of(rows.model),
            JSONObject(
                **{
                    path: columns_of(model_at(rows.model, path), f"{path}__")
                    for path in paths
                }
            ),
        )
        for number, (rows, paths) in enumerate(sources)
    )
    found: list[list[Any]] = [[] for _ in sources]
    for number, values, related in union_of(queries):
        rows, paths = sources[number]
        made = row_of(rows.model, values)
        for path in paths:
            *way, name = path.split("__")
            owner = functools.reduce(getattr, way, made)
            if getattr(owner, f"{name}_id"):
                other = row_of(model_at(rows.model, path), related[path])
                setattr(owner, name, other)
        found[number].append(made)
    return found


def model_at(model: Any, path: str) -> Any:
    """Return the model at the end of these foreign keys."""
    for name in path.split("__"):
        model = model._meta.get_field(name).related_model
    return model
