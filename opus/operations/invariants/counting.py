from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Invariant:
    """A rule, and the statement that counts what breaks it."""

    name: str
    label: str
    sql: str
    # Otherwise of the database's own rules and settings.
    is_of_rows: bool = True


def statement(invariants: Iterable[Invariant]) -> str:
    parts = (f"SELECT '{one.name}', ({one.sql})" for one in invariants)
    return " UNION ALL ".join(parts)


def count(invariants: Iterable[Invariant]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(statement(invariants))
        return dict(cursor.fetchall())
