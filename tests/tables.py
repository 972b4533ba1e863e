"""Empties the tables after a transactional test, and keeps what migrations put there.

Django truncates every table, has its signals fill some again, and the communes would
have to be loaded anew: a second and a half a test. Here one statement deletes the rows
of the few tables that have any.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management.commands import flush
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.models import Model

# No test changes them.
KEPT = {
    "django_content_type",
    "auth_permission",
    "offers_commune",
    "offers_formercommune",
}
# A test may add to them or change them: their rows are put back as they were.
RESTORED = ("offers_rome", "offers_everydayword", "referrals_outcomecode")
EMPTY = """
DO $$
DECLARE
    name text;
    has_rows boolean;
    columns text;
BEGIN
    SET LOCAL ROLE opus_owner;
    -- Neither triggers nor foreign keys: what is evidence goes, too.
    SET LOCAL session_replication_role = replica;
    FOREACH name IN ARRAY string_to_array('{emptied}', ' ') LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO has_rows;
        IF has_rows THEN
            EXECUTE format('DELETE FROM %I', name);
        END IF;
    END LOOP;
    FOREACH name IN ARRAY string_to_array('{restored}', ' ') LOOP
        SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
            WHERE attrelid = name::regclass AND attnum > 0
                AND NOT attisdropped AND attgenerated = ''
            INTO columns;
        EXECUTE format(
            'INSERT INTO %I (%s) SELECT %s FROM kept.%I', name, columns, columns, name
        );
    END LOOP;
END $$
"""


@contextmanager
def as_owner() -> Iterator[None]:
    """Have this block's statements run as the owner of the tables.

    Tests run as a role with the rights of the application that may become the owner
    (bin/checks/commands.py): for rules set aside on purpose, and for what they undo.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE opus_owner")
        yield
        cursor.execute("RESET ROLE")


@contextmanager
def database_refuses(why: str | None = None) -> Iterator[None]:
    """Expect PostgreSQL to refuse what this block writes; the test goes on after it."""
    with pytest.raises(IntegrityError, match=why), transaction.atomic():
        yield


@contextmanager
def without_triggers() -> Iterator[None]:
    """Write rows that an earlier release, or somebody by hand, could leave."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def analyze(*tables: type[Model]) -> None:
    """Count the rows a test wrote, as autovacuum would.

    It may have seen the tables between two tests, empty: PostgreSQL then plans for one
    row, and walks thousands of rows for each of thousands.
    """
    names = ", ".join(table._meta.db_table for table in tables)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {names}")


@contextmanager
def owners_connection(user: str = "opus_owner") -> Iterator[None]:
    """Have Django connect as the owner, as for settings.OWNERS_COMMANDS."""
    ours = connection.settings_dict
    connection.close()
    connection.settings_dict = ours | {"USER": user}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = ours


def keep() -> None:
    """Copy the rows that are put back after each transactional test.

    Processes take tests from each other, so others may follow it in any order.
    """
    models = apps.get_models(include_auto_created=True)
    filled = {one._meta.db_table for one in models if one._base_manager.exists()}
    assert filled == KEPT | {*RESTORED}, "rows of migrations that a test would lose"
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS kept")
        for name in RESTORED:
            cursor.execute(f"DROP TABLE IF EXISTS kept.{name}")
            cursor.execute(f"CREATE TABLE kept.{name} AS TABLE {name}")


@contextmanager
def quickly_emptied() -> Iterator[None]:
    """Have Django's ``flush`` empty the tables our way."""

    def sql_flush(
        self: DatabaseOperations, style: Any, tables: Sequence[str], **options: bool
    ) -> list[str]:
        emptied = sorted(set(tables) - KEPT)
        return [EMPTY.format(emptied=" ".join(emptied), restored=" ".join(RESTORED))]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        # Content types and permissions were kept.
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_: None)
        yield


SERVED = settings.DATABASES["default"]["OPTIONS"].copy()


def plan_nothing() -> None:
    """Connect without plans: each rollback would drop that of ``tests.soundness``."""
    connection.settings_dict["OPTIONS"]["prepare_threshold"] = None
    connection.close()


@contextmanager
def connected_as_served() -> Iterator[None]:
    """Connect with the options of ``opus.settings``, in a transactional test."""
    options = connection.settings_dict["OPTIONS"]
    options |= SERVED
    connection.close()
    try:
        yield
    finally:
        plan_nothing()


def planned_statements() -> list[str]:
    """What this connection has planned once for all values."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]
