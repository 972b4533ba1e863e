"""A database of each release, filled by ``seed_demo``, comes to today's tables.

released.py says how a release leaves its own beside this file.
"""

import json
import lzma
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from accounts.users.models import User
from opus.operations import backups
from referrals.acts.models import KINDS
from referrals.candidates.models import Candidate
from tests.conftest import sign_in
from tests.operations.upgrade.released import FOLDER, migration_files
from tests.tables import owners_connection

RELEASES = ["1.0.0"]
# As upgrade.md has them, in their order.
COMMANDS = ("migrate", "load_reference", "load_help", "check_rules", "check_invariants")
PAGES = ("/", "/offres/?lieu=", "/candidats/", "/favoris/", "/profil/")
IN_FORCE = """
UPDATE accounts_partnership SET ends_on = current_date + 400;
UPDATE accounts_convention
SET ends_on = current_date + 400, parent_ends_on = current_date + 400
"""


def record_of(release: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((FOLDER / f"{release}.json").read_text())
    return record


@pytest.mark.parametrize("release", RELEASES)
def test_no_migration_of_a_release_is_edited_renamed_or_deleted(release):
    """What an installation has run stays as it ran it: docs/adr/0013."""
    released, today = record_of(release)["files"], migration_files()

    assert {path: today.get(path) for path in released} == released


def test_the_first_release_ends_with_these_migrations():
    """Never changed after the tag: a later release has a record of its own."""
    ours = ("accounts", "lib", "offers", "referrals", "support")
    leaves = record_of("1.0.0")["leaves"]

    assert {app: leaves[app] for app in ours} == dict.fromkeys(ours, "0002_rules")


@pytest.fixture
def new_database(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """An empty database of the owner's: its connection's settings."""
    name = f"{connection.settings_dict['NAME']}_released"
    monkeypatch.setattr(backups, "NAME", name)
    with owners_connection(), backups.database() as database:
        backups.run("psql", "--command=CREATE SCHEMA public", database=database)
        yield database


@contextmanager
def connected(**changes: str) -> Iterator[None]:
    """Have Django connect elsewhere, or as another."""
    before = connection.settings_dict
    connection.close()
    connection.settings_dict = before | changes
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = before
        ContentType.objects.clear_cache()


def make_release(release: str, database: dict[str, Any], folder: Path) -> None:
    """Make the tables as that release had them, and load its rows."""
    with connected(NAME=database["NAME"]):
        leaves = record_of(release)["leaves"]
        MigrationExecutor(connection).migrate(list(leaves.items()))
    rows = folder / "rows.sql"
    rows.write_bytes(lzma.decompress((FOLDER / f"{release}.sql.xz").read_bytes()))
    backups.run(
        "psql",
        *("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction"),
        # The rows were checked when they were written, and come in any order.
        "--command=SET session_replication_role = replica",
        f"--file={rows}",
        database=database,
    )


def manage(command: str, database: str) -> subprocess.CompletedProcess[str]:
    addresses = {
        name: f"{os.environ[name].rpartition('/')[0]}/{database}"
        for name in ("DATABASE_URL", "OPUS_MIGRATE_URL")
    }
    return subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=settings.BASE_DIR,
        env=os.environ | {"OPUS_DEMO": "1"} | addresses,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("release", RELEASES)
def test_a_database_of_a_release_is_upgraded_and_works(
    release: str,
    new_database: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R20: by the commands of upgrade.md, each a process with the role that it has."""
    make_release(release, new_database, tmp_path)

    for command in COMMANDS:
        done = manage(command, new_database["NAME"])
        assert (command, done.returncode, done.stderr) == (command, 0, "")
    # A process of its own; without it, it asks for a mail server.
    monkeypatch.setenv("OPUS_DEMO", "1")
    report = backups.try_copy()
    assert (report["migrated"], report["broken"]) == (True, [])
    assert set(report["pages"].values()) == {200}

    # The demonstration's conventions end one day, and this test goes on.
    with connected(NAME=new_database["NAME"]), connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(IN_FORCE)
    with connected(NAME=new_database["NAME"], USER="opus_tests"):
        adviser = User.objects.get(identifier="conseiller.demo")
        client = Client(headers={"host": "localhost"}, SERVER_NAME="localhost")
        sign_in(client, adviser)
        answers = {path: client.get(path, secure=True).status_code for path in PAGES}
        person = Candidate.objects.filter(adviser=adviser).earliest("pk")
        page = client.get(person.get_absolute_url(), secure=True).content.decode()
        without_rows = [
            kind for kind, model in KINDS.items() if not model.objects.exists()
        ]

    assert answers == dict.fromkeys(PAGES, 200)
    assert person.last_name in page
    # Without an act of each kind it would try little.
    assert without_rows == []
