"""A question of the ORM drawn up once and asked many times, each time of another row.

The ORM takes longer to write a statement of forty columns than PostgreSQL to answer it,
and the gates ask the same two of every page. Django keeps no text of a query by itself.
"""

import copy
from typing import Any

from django.db import connections, models
from django.db.models.sql.compiler import SQLCompiler

type Value = int | str | list[str]


class Statement[M: models.Model]:
    """The rows of a queryset, with one of its values left open.

    Args:
        queryset: filtered by ``HOLE`` wherever the value goes.

    Raises:
        ValueError: the value is not in the queryset.
    """

    # No row has this key; it fits in a column of whole numbers.
    HOLE = -(2**31)

    def __init__(self, queryset: models.QuerySet[M]) -> None:
        self.queryset = queryset
        self.compiler = queryset.query.get_compiler(queryset.db)
        self.sql, self.params = self.compiler.as_sql()
        if not any(map(self._is_hole, self.params)):
            raise ValueError("A value of a statement is left open.")

    def rows(self, value: Value) -> list[M]:
        """Ask it of that value. Django makes the rows as it always does."""
        asked = self.queryset.all()
        compiler = self._compiler(value)
        asked.query.get_compiler = lambda *args, **kwargs: compiler  # type: ignore[method-assign]
        return list(asked)

    def row(self, value: Value) -> M | None:
        """The first row, if there is one."""
        return next(iter(self.rows(value)), None)

    def _is_hole(self, param: object) -> bool:
        """A column of text takes the hole as text."""
        return param in (self.HOLE, str(self.HOLE))

    def _compiler(self, value: Value) -> SQLCompiler:
        """The one that drew it up, for the connection of this thread."""
        params = [value if self._is_hole(param) else param for param in self.params]
        compiler: Any = copy.copy(self.compiler)
        compiler.connection = connections[self.queryset.db]
        compiler.as_sql = lambda *args, **kwargs: (self.sql, params)
        return compiler
