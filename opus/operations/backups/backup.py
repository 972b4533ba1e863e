"""A backup and the proof of its restoration (R20).

One snapshot gives the dump and its counts, checksums, sequences and schema objects.
"""

import datetime as dt
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from django.core.management.base import CommandError
from django.db import connection, transaction
from django.utils import timezone

from opus.operations.backups import postgres

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

    def write_notes(self) -> None:
        record = {"at": self.at.isoformat(), "contents": asdict(self.contents)}
        self.notes.touch(mode=0o600)
        self.notes.write_text(json.dumps(record, indent=1), encoding="utf-8")


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
    backup.write_notes()
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
        postgres.run(
            "pg_dump",
            *("--format=custom", f"--snapshot={snapshot}", "--schema=public"),
            *("--extension=*", "--no-owner", "--no-acl", f"--file={path}"),
            database=connection.settings_dict,
        )
        return Contents.here()
