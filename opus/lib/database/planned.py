"""Statements that PostgreSQL plans once a connection."""

from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper


def planned_cursor() -> CursorWrapper:
    """Return a cursor for a statement of every page, whose text is always the same.

    Its plan serves all values: it finds few rows by an index.
    """
    ours: Any = connection
    cursor: CursorWrapper = ours.planned_cursor()
    return cursor
