"""Refuse to start with one sentence: a wrong setting, a too old PostgreSQL."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, ProgrammingError, connection

logger = logging.getLogger(__name__)
OLDEST_POSTGRES = 18


@contextmanager
def refusals() -> Iterator[None]:
    """Exit without a traceback if the environment is refused."""
    try:
        yield
    except ImproperlyConfigured as error:
        sys.exit(f"Opus does not start. {error}")


def load_settings() -> None:
    # Of the C library: a dead name server costs a page 2 s instead of 10 (R13).
    os.environ.setdefault("RES_OPTIONS", "timeout:1 attempts:2")
    with refusals():
        _ = settings.SECRET_KEY


def refuse_old_postgres() -> None:
    """Exit if PostgreSQL answers and is too old.

    Without an answer Opus starts: its pages are 503 until the database is back.
    """
    with refusals():
        try:
            problem = postgres_problem()
        except ProgrammingError:  # libpq does not know an option after the "?".
            problem = "DATABASE_URL has an option that PostgreSQL does not know."
        except DatabaseError as error:
            first_line = str(error).partition("\n")[0]
            logger.warning("PostgreSQL does not answer (DATABASE_URL): %s", first_line)
            return
        if problem:
            raise ImproperlyConfigured(problem)


def postgres_problem() -> str:
    """Return a sentence, or nothing. Raises DatabaseError: no answer."""
    version, *_ = connection.get_database_version()
    if version >= OLDEST_POSTGRES:
        return ""
    return (
        f"DATABASE_URL leads to PostgreSQL {version}, but Opus needs"
        f" {OLDEST_POSTGRES} or newer: upgrade that server, or name another."
    )
