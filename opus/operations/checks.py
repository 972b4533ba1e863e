"""Django's checks of the database server."""

from typing import Any

from django.core.checks import CheckMessage, Error

from opus.startup import postgres_problem


def check_deployment(**_: Any) -> list[CheckMessage]:
    """Refuse an old PostgreSQL in ``check --deploy``."""
    problem = postgres_problem()
    return [Error(problem, id="opus.E001")] if problem else []


def check_database(**_: Any) -> list[CheckMessage]:
    """Refuse an old PostgreSQL before ``migrate``."""
    return check_deployment()
