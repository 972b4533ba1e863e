"""The two roles of the manual, in a PostgreSQL of their own."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import servers
from psycopg import errors
from psycopg.conninfo import make_conninfo

from opus.operations import backups
from tests.conftest import wait_until
from tests.offers.feed.test_gunicorn import is_open
from tests.operations.deployment.production import OPERATIONS, make_secrets

ROLES = OPERATIONS / "postgresql" / "roles.sql"
TRUSTED = ("unaccent", "pg_trgm", "btree_gist", "cube")

pytestmark = [pytest.mark.thorough]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A new cluster with passwords, as the image makes it: its socket and port."""
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("PostgreSQL refuses root, and setpriv is not installed")
    folder = tmp_path_factory.mktemp("cluster")
    prefix = ["setpriv", *servers.AS_NOBODY] if os.geteuid() == 0 else []
    programs = servers.find_postgres()
    if os.geteuid() == 0:
        shutil.chown(folder, 65534, 65534)
    data = folder / "data"
    subprocess.run(
        [*prefix, programs / "initdb", "-D", data, "-U", "postgres", "--no-sync"]
        + ["--auth-local=trust", "--auth-host=scram-sha-256"],
        check=True,
        capture_output=True,
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["-c", f"port={port}", "-c", "listen_addresses=127.0.0.1"]
    options += ["-c", f"unix_socket_directories={folder}", "-c", "log_statement=all"]
    options += ["-c", "autovacuum_naptime=1s"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*prefix, programs / "postgres", "-D", data, *options], stderr=log
        )
    try:
        wait_until(lambda: is_open(port))
        secrets = make_secrets(folder / "secrets", f"127.0.0.1:{port}")
        run_as_compose_does(programs, folder, secrets, port)
        yield str(folder)
    finally:
        process.terminate()
        process.wait(timeout=60)


def run_as_compose_does(programs: Path, folder: Path, secrets: Path, port: int) -> None:
    """Run the image's script, with the places of this machine."""
    script = (OPERATIONS / "postgresql" / "compose-init.sh").read_text()
    script = script.replace("/run/secrets", str(secrets))
    script = script.replace("/etc/opus-roles.sql", str(ROLES))
    given = {"PATH": f"{programs}:{os.environ['PATH']}", "POSTGRES_USER": "postgres"}
    given |= {"PGHOST": str(folder), "PGPORT": str(port)}
    libraries = os.environ.get("LD_LIBRARY_PATH", "")
    subprocess.run(
        ["sh", "-c", script],
        env=given | {"LD_LIBRARY_PATH": libraries},
        check=True,
        capture_output=True,
    )


def connect(cluster: str, name: str) -> psycopg.Connection:
    address = Path(cluster, "secrets", name).read_text().strip()
    return psycopg.connect(address, autocommit=True)


def test_the_owner_makes_tables_extensions_and_a_database_for_the_drill(cluster):
    """R20."""
    with connect(cluster, "opus_migrate_url") as owner:
        for name in TRUSTED:
            owner.execute(f"CREATE EXTENSION {name}")
        owner.execute("CREATE TABLE mine (id int)")
        owner.execute("CREATE DATABASE opus_drill TEMPLATE template0")
        owner.execute("DROP DATABASE opus_drill")
        [who, is_super] = owner.execute(
            "SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user"
        ).fetchone()

    assert (who, is_super) == ("opus_owner", False)


def test_the_owner_drops_the_copy_under_autovacuum(cluster):
    """R20: with its negative control."""
    name = backups.NAME
    vacuums = "SELECT FROM pg_stat_activity WHERE query LIKE 'autovacuum:%many%'"
    with connect(cluster, "opus_migrate_url") as owner:
        owner.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        address = make_conninfo(
            owner.info.dsn, dbname=name, password=owner.info.password
        )
        with psycopg.connect(address, autocommit=True) as copy:
            copy.execute(
                "CREATE TABLE many WITH (autovacuum_vacuum_cost_delay = 100,"
                " autovacuum_vacuum_cost_limit = 1, autovacuum_analyze_threshold = 0)"
                " AS SELECT repeat('a', 500) FROM generate_series(1, 20000)"
            )
        root = f"host={cluster} port={owner.info.port} user=postgres"
        with psycopg.connect(root, autocommit=True) as superuser:
            wait_until(lambda: superuser.execute(vacuums).fetchone() is not None)

        with pytest.raises(errors.InsufficientPrivilege):
            owner.execute(f"DROP DATABASE {name} WITH (FORCE)")
        owner.execute(backups.drop_sql())


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE intruder (id int)",
        "CREATE EXTENSION hstore",
        "CREATE DATABASE other",
        "CREATE ROLE other",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SET ROLE opus_owner",
    ],
)
def test_the_application_may_do_none_of_it(cluster, statement):
    with (
        connect(cluster, "database_url") as application,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        application.execute(statement)


def test_the_database_sorts_as_that_of_bin_run(cluster):
    with connect(cluster, "database_url") as application:
        found = application.execute(
            "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding),"
            " pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'opus'"
        ).fetchone()

    assert found == ("b", "C.UTF-8", "UTF8", "opus_owner")


def test_no_password_reaches_the_log(cluster):
    """S41, S42: though this server logs every statement."""
    log = Path(cluster, "log").read_text(errors="replace")
    passwords = Path(cluster, "secrets").glob("*_password")

    assert "SET log_statement" in log
    assert not [path.name for path in passwords if path.read_text().strip() in log]


def test_the_manual_quotes_the_statements():
    text = (OPERATIONS / "install.md").read_text()
    statements = re.sub(r"(?m)^(--|\\|SET).*\n", "", ROLES.read_text()).split()

    assert " ".join(statements) in " ".join(text.split())
