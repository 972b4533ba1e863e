"""Restore a backup elsewhere, compare, try (R20, R21)."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import dj_database_url
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from opus.env import env_secret
from opus.lib.database.roles import grants
from opus.operations.backups import postgres
from opus.operations.backups.backup import Backup

NAME = "opus_drill"
# As the first database in docs/operations/postgresql/roles.sql.
LIKE_ROLES_SQL = """
TEMPLATE template0
ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'
"""


@dataclass(frozen=True)
class Report:
    tables: int
    rows: int
    differences: list[str]
    trial: dict[str, Any]
    age_seconds: float
    restored_in: float
    checked_in: float

    @property
    def faults(self) -> list[str]:
        found = list(self.differences)
        if not self.trial["migrated"]:
            found.append("migrations manquantes")
        if not self.trial["mute"]:
            found.append("la copie n’est pas muette")
        found += [
            f"{path}\xa0: {status}"
            for path, status in self.trial["pages"].items()
            if status != 200
        ]
        found += [f"contrôle {name}" for name in self.trial["broken"]]
        return found


def drill(backup: Backup) -> Report:
    with database() as restored:
        start = time.monotonic()
        postgres.run(
            "pg_restore",
            *("--no-owner", "--no-acl", "--exit-on-error", "--single-transaction"),
            *("--dbname", NAME, str(backup.dump)),
            database=restored,
        )
        postgres.run("psql", f"--command={grants()}", database=restored)
        restored_in = time.monotonic() - start
        report = try_copy()
        checked_in = time.monotonic() - start - restored_in
    copied = type(backup.contents)(**report.pop("contents"))
    return Report(
        tables=len(copied.tables),
        rows=sum(number for number, _ in copied.tables.values()),
        differences=backup.contents.differences(copied),
        trial=report,
        age_seconds=(timezone.now() - backup.at).total_seconds(),
        restored_in=restored_in,
        checked_in=checked_in,
    )


@contextmanager
def database() -> Iterator[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(drop_sql())
        cursor.execute(f"CREATE DATABASE {NAME} {LIKE_ROLES_SQL}")
    restored = {**connection.settings_dict, "NAME": NAME}
    # The dump includes the schema.
    postgres.run("psql", "--command=DROP SCHEMA public", database=restored)
    try:
        yield restored
    finally:
        with connection.cursor() as cursor:
            cursor.execute(drop_sql())


def drop_sql() -> str:
    """Return a statement for which the owner has the rights.

    PostgreSQL itself ends autovacuum's work on the copy. WITH (FORCE) would ask for
    the right to end it, and fail.
    """
    return f"DROP DATABASE IF EXISTS {NAME}"


def try_copy() -> dict[str, Any]:
    """Run ``try_copy`` as the application; raise CommandError."""
    copied: dict[str, Any] = {**dj_database_url.parse(env_secret("DATABASE_URL"))}
    copied["NAME"] = NAME
    environment = {**os.environ, "DATABASE_URL": address_of(copied)}
    environment.pop("DATABASE_URL_FILE", None)
    done = subprocess.run(
        [sys.executable, "manage.py", "try_copy"],
        cwd=settings.BASE_DIR,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"La copie ne démarre pas\xa0: {done.stderr[-2000:]}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def address_of(database: dict[str, Any]) -> str:
    user = quote(database["USER"], safe="")
    secret = f":{quote(database['PASSWORD'], safe='')}" if database["PASSWORD"] else ""
    port = f":{database['PORT']}" if database["PORT"] else ""
    host = quote(database["HOST"] or "localhost", safe="")
    return f"postgres://{user}{secret}@{host}{port}/{database['NAME']}"
