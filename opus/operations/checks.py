"""Django's checks of the database server."""

from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import DatabaseError

from opus.startup import postgres_problem


def check_before_migrate(*, databases: list[str], **_: Any) -> list[CheckMessage]:
    """Refuse an old PostgreSQL; ``migrate`` itself reports an absent one."""
    return version_errors(if_absent=[]) if databases else []


def check_deployment(**_: Any) -> list[CheckMessage]:
    """Refuse an old or absent PostgreSQL in ``check --deploy``."""
    problem = "DATABASE_URL: PostgreSQL does not answer at this address."
    return version_errors(if_absent=[Error(problem, id="opus.E002")])


def version_errors(*, if_absent: list[CheckMessage]) -> list[CheckMessage]:
    try:
        problem = postgres_problem()
    except DatabaseError:
        return if_absent
    return [Error(problem, id="opus.E001")] if problem else []
