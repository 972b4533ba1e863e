"""bin/test, bin/check and bin/audit; the throw-away servers of the first two.

Standard library only. Each copies a stopped cluster: without, each process of pytest
would migrate its own.
"""

import os
import shutil
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common import QUIET, ROOT, Failed, digest, locked, say
from packages import DEV, install, require_pango
from processes import call, make_tables
from servers import Servers
from stack import new_secrets

TESTS = ROOT / ".opus-test"
# Files that determine the tables.
SOURCES = (
    *("*/migrations/*.py", "opus/*/migrations/*.py"),
    *("*/migrations/sql/*", "opus/*/migrations/sql/*"),
    *("offers/reference/data/*", "opus/settings.py", "requirements/*.lock"),
    "opus/lib/database/roles.py",
    "docs/operations/postgresql/roles.sql",
    "bin/checks/commands.py",
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


def test(arguments: list[str]) -> int:
    """Run the tests on servers of their own.

    All other words are pytest's.
    --coverage measures what is run, and fails below the floor of pyproject.toml.
    For instance: bin/test tests/offers -k macon -n 0
    OPUS_REQUIRE_BROWSER=1 makes it an error that no Chromium is found.
    """
    if arguments[:1] in (["-h"], ["--help"]):
        say(f"usage: bin/test [words of pytest]\n\n{test.__doc__}")
        return 0
    install(DEV)
    require_pango()
    # A process that has finished its tests continues with another's.
    words = ["-n", "logical", "--dist", "worksteal"]
    words.append("--reuse-db")  # The tables are there: see throw_away.py.
    with throw_away_servers() as environment:
        arguments = ["--cov" if one == "--coverage" else one for one in arguments]
        words = [QUIET, "pytest", *words, *arguments]
        return call(*words, environment=environment, cwd=ROOT)


def check(arguments: list[str]) -> int:
    """Check types, style, imports, templates and migrations."""
    parser = ArgumentParser(prog="bin/check", description=check.__doc__)
    help_ = "first correct what the tools can correct"
    parser.add_argument("--fix", action="store_true", help=help_)
    parser.parse_args(arguments)
    install(DEV)
    with throw_away_servers() as environment:
        return call(QUIET, "checks", *arguments, environment=environment)


def audit(arguments: list[str]) -> int:
    """Write the packages of run.lock, list their known vulnerabilities (S42).

    The inventory is an SBOM (CycloneDX). Exit code: 0 none, 1 some, 2 not all are
    known.
    """
    read_audit_options(arguments)
    install(DEV)
    return call(QUIET, "checks.audit", *arguments, environment={})


def read_audit_options(arguments: list[str]) -> Namespace:
    parser = ArgumentParser(prog="bin/audit", description=audit.__doc__)
    parser.add_argument("--sbom", type=Path, metavar="FILE", help="write it there")
    parser.add_argument("--offline", action="store_true", help="the inventory alone")
    help_ = "that OSV query address, not the package index"
    parser.add_argument("--osv", metavar="URL", help=help_)
    return parser.parse_args(arguments)
