"""Refuse to start with one sentence: a wrong setting, an old PostgreSQL, no files."""

import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, ProgrammingError, connection
from django.db.migrations.executor import MigrationExecutor

from opus.lib.database.roles import may_read_all

logger = logging.getLogger(__name__)
OLDEST_POSTGRES = 18
# Prometheus's client reads it when it is first imported.
METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
METRICS_PREFIX = "opus-metrics-"


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
    """Exit if PostgreSQL answers and is too old."""
    refuse(postgres_problem)


def refuse_missing_steps() -> None:
    """Exit if each page would fail until somebody runs a command."""
    with refusals():
        if problem := files_problem():
            raise ImproperlyConfigured(problem)
    refuse(lambda: postgres_problem() or tables_problem())


def refuse(find_problem: Callable[[], str]) -> None:
    """Exit if the database has this problem.

    Without an answer Opus starts: its pages are 503 until the database is back.
    """
    with refusals():
        try:
            problem = find_problem()
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


def files_problem() -> str:
    """Return a sentence if a page names a file that was not collected.

    The storage reads what was collected once: afterwards this process starts again.
    """
    if not isinstance(staticfiles_storage, ManifestFilesMixin):
        return ""
    left_out = apps.get_app_config("staticfiles").ignore_patterns
    wanted = {
        path.replace("\\", "/")
        for finder in get_finders()
        for path, _ in finder.list(left_out)
    }
    if not wanted - staticfiles_storage.hashed_files.keys():
        return ""
    return (
        f"OPUS_STATIC_ROOT ({settings.STATIC_ROOT}) lacks static files of this release,"
        " and no page is served without them: run manage.py collectstatic."
    )


def tables_problem() -> str:
    """Return a sentence, or nothing. Raises DatabaseError: no answer."""
    if may_read_all() and is_migrated():
        return ""
    return (
        "DATABASE_URL leads to a database without the tables of this release, or"
        " without the rights on them: run manage.py migrate, as their owner."
    )


def is_migrated() -> bool:
    """Return whether all migrations are applied."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def make_metrics_folder() -> None:
    """Make the folder where the processes of this web server add up their figures.

    Remove those of killed servers.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{METRICS_PREFIX}*"):
        owner = folder.name.removeprefix(METRICS_PREFIX).partition("-")[0]
        if owner == str(os.getpid()) or not Path("/proc", owner).exists():
            shutil.rmtree(folder, ignore_errors=True)
    prefix = f"{METRICS_PREFIX}{os.getpid()}-"
    os.environ[METRICS_VARIABLE] = tempfile.mkdtemp(prefix=prefix)


def remove_metrics_folder() -> None:
    if folder := os.environ.get(METRICS_VARIABLE):
        shutil.rmtree(folder, ignore_errors=True)
