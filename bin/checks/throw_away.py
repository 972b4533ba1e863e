"""The throw-away servers of bin/test and bin/check.

Each copies a stopped cluster: without, each process of pytest would migrate its own.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common import ROOT, Failed, digest, locked
from environments import new_secrets
from processes import make_tables
from servers import Servers

TESTS = ROOT / ".opus-test"
# Files that determine the tables.
SOURCES = (
    *("*/migrations/*.py", "opus/*/migrations/*.py"),
    *("*/migrations/sql/*", "opus/*/migrations/sql/*"),
    *("offers/reference/data/*", "opus/settings.py", "requirements/*.lock"),
    *("opus/lib/database/roles.py", "opus/lib/database/limits.py"),
    "docs/operations/postgresql/roles.sql",
    "bin/checks/throw_away.py",
)
# Tests have the rights of the application, and no more until tests.tables.as_owner.
ROLE_OF_TESTS = (
    "CREATE ROLE opus_tests LOGIN IN ROLE opus",
    "GRANT opus_owner TO opus_tests WITH INHERIT FALSE, SET TRUE",
    "GRANT SET ON PARAMETER session_replication_role, log_min_messages,"
    " log_min_error_statement, log_error_verbosity TO opus_owner",
)
# One database for each process of pytest, with or without xdist.
NAME_DATABASES = (
    "ALTER DATABASE opus RENAME TO test_opus",
    *(
        f"CREATE DATABASE {name} TEMPLATE test_opus OWNER opus_owner"
        for name in ("opus", *(f"test_opus_gw{n}" for n in range(os.cpu_count() or 1)))
    ),
    # A copy of a database has not its limits.
    """
    DO $$
    DECLARE
        copy record;
        item record;
    BEGIN
        FOR copy IN SELECT datname AS name FROM pg_database WHERE datname ~ 'opus' LOOP
            FOR item IN
                SELECT split_part(word, '=', 1) AS name,
                    split_part(word, '=', 2) AS value
                FROM pg_db_role_setting, unnest(setconfig) AS word
                WHERE setdatabase = (
                    SELECT oid FROM pg_database WHERE datname = 'test_opus')
            LOOP
                EXECUTE format(
                    'ALTER DATABASE %I SET %I = %L', copy.name, item.name, item.value);
            END LOOP;
        END LOOP;
    END $$
    """,
)


def make_template(folder: Path) -> Path:
    """Return the cluster of today's migrations, made if missing."""
    with locked(folder / "template"):
        template = folder / f"template-{digest(*SOURCES)}"
        if template.exists():
            return template
        for old in folder.glob("template-*"):
            shutil.rmtree(old, ignore_errors=True)
        servers = Servers(folder / "new-template", throw_away=True)
        servers.remove()
        try:
            environment = {"OPUS_DEMO": "1", "OPUS_HOSTS": "localhost"}
            environment |= new_secrets() | servers.start()
            if make_tables(environment):
                raise Failed("The tables of the tests could not be made: see above.")
            servers.stop()
            if postgres := servers.postgres:
                postgres.run_alone(*ROLE_OF_TESTS, *NAME_DATABASES)
                postgres.data.rename(template)
        finally:
            servers.stop()
            servers.remove()
        return template


@contextmanager
def throw_away_servers() -> Iterator[dict[str, str]]:
    """Yield the variables of servers for one command, among several."""
    TESTS.mkdir(mode=0o700, exist_ok=True)
    for left_over in TESTS.glob("[0-9]*"):
        if not Path("/proc", left_over.name).exists():  # Its command was killed.
            Servers(left_over).remove()
    state = TESTS / str(os.getpid())
    servers = Servers(state, throw_away=True)
    try:
        servers.template = make_template(TESTS)
        addresses = servers.start()
        static = state / "static"  # WhiteNoise warns if there is none.
        static.mkdir()
        yield {
            "OPUS_DEMO": "0",
            "OPUS_STATIC_ROOT": str(static),
            # Tests search these logs for what must not be in them (S41).
            "OPUS_TEST_LOGS": str(servers.logs),
            **(new_secrets() | addresses),
        }
    finally:
        servers.stop()
        servers.remove()
