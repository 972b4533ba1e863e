"""Queries of every page: compiled once, or the rows of several tables in one."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import psycopg
from django.db import connection, models
from django.db.models import Model, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject


class PlannedCursor(psycopg.Cursor[Any]):
    """PostgreSQL plans its statements once a connection."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        return super().execute(query, params, prepare=True)


def planned_rows(statement: str, parameters: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a statement of every page, planned once a connection.

    Its text is always the same, and its plan serves all values: it finds few rows by an
    index, where planning takes longer than finding.
    """
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    planned: Any = PlannedCursor(connection.connection)
    is_logged = connection.queries_logged
    wrap = connection.make_debug_cursor if is_logged else connection.make_cursor
    with wrap(planned) as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def placeholder(sql: str = "%s") -> RawSQL:
    """Return what stands for a value of each execution in a queryset."""
    return RawSQL(sql, [object()])  # noqa: S611 - a text of ours


VALUE = placeholder()


class CompiledQuery[M: models.Model]:
    """The rows of a queryset whose conditions contain ``VALUE``.

    ``queryset`` has no deferred fields and no ``select_related``; ``fields`` are the
    fields to read (default: all); ``related`` is a foreign key read in the same query.
    """

    def __init__(
        self,
        queryset: models.QuerySet[M],
        *,
        fields: tuple[str, ...] = (),
        related: str = "",
    ) -> None:
        self.model, self.related = queryset.model, related
        self.fields = [
            field.attname
            for field in self.model._meta.concrete_fields
            if not fields or field.primary_key or field.attname in fields
        ]
        self.annotations = list(queryset.query.annotations)
        names = [*self.fields, *self.annotations]
        if related:
            foreign_key: Any = self.model._meta.get_field(related)
            self.other: type[models.Model] = foreign_key.related_model
            self.other_fields = [f.attname for f in self.other._meta.concrete_fields]
            names += [f"{related}__{name}" for name in self.other_fields]
        compiler = queryset.values_list(*names).query.get_compiler(connection.alias)
        self.sql, self.params = compiler.as_sql()
        columns = [column for column, *_ in compiler.select]
        self.converters = compiler.get_converters(columns)

    def rows(self, value: Any) -> list[M]:
        params = [value if one is VALUE.params[0] else one for one in self.params]
        return [self.instance(list(row)) for row in planned_rows(self.sql, params)]

    def row(self, value: Any) -> M | None:
        return next(iter(self.rows(value)), None)

    def instance(self, row: list[Any]) -> M:
        for place, (converters, column) in self.converters.items():
            for convert in converters:
                row[place] = convert(row[place], column, connection)
        size = len(self.fields)
        made = self.model.from_db(connection.alias, self.fields, row[:size])
        for name, value in zip(self.annotations, row[size:], strict=False):
            setattr(made, name, value)
        if self.related:
            values = row[size + len(self.annotations) :]
            is_there = values[0] is not None
            other = self.other.from_db(connection.alias, self.other_fields, values)
            setattr(made, self.related, other if is_there else None)
        return made


class CompiledValues:
    """The tuples of a ``values_list`` queryset, maybe a union, compiled once.

    ``placeholders`` are those of its conditions.
    """

    def __init__(
        self, queryset: models.QuerySet[Any, Any], placeholders: Sequence[RawSQL]
    ) -> None:
        self.sql, self.params = queryset.query.sql_with_params()
        self.places = {each.params[0]: i for i, each in enumerate(placeholders)}

    def rows(self, *values: Any) -> list[tuple[Any, ...]]:
        places = self.places
        params = [
            values[places[one]] if type(one) is object else one for one in self.params
        ]
        return planned_rows(self.sql, params)


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
