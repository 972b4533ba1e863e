"""The drill: dumped, restored, compared, tried (R20)."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from opus.operations import backups
from opus.operations.backups import Backup, back_up, drill
from tests.referrals.factories import DocumentFactory
from tests.tables import owners_connection

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def as_the_owner(transactional_db: None) -> Iterator[None]:
    """As ``backup`` and ``restore_drill`` do; the copy is tried as the application."""
    with owners_connection():
        yield


def databases() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


@pytest.fixture
def something() -> None:
    """Rows of the trade, with bytes, and a letter that waits."""
    act = DocumentFactory(ready=True).act
    act.steps.create(origin="", target=act.state, by=act.adviser)
    OutboxEntry.objects.create(effect="essai", key="a")
    outbox.adopt()


@pytest.mark.thorough
@pytest.mark.usefixtures("something")
def test_a_backup_comes_back_whole_works_and_stays_mute(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R20, R21."""
    # A process of its own tries the copy; without it, it asks for a mail server.
    monkeypatch.setenv("OPUS_DEMO", "1")
    # In production the address of the service itself stands in a file.
    secret = tmp_path_factory.mktemp("secrets") / "database_url"
    secret.write_text(os.environ["DATABASE_URL"])
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("DATABASE_URL_FILE", str(secret))
    monkeypatch.setattr(backups, "NAME", f"{connection.settings_dict['NAME']}_drill")
    backup = back_up(tmp_path)

    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {0o600}
    report = drill(Backup.read(backup.dump))

    assert report.faults == []
    assert report.trial["mute"]
    assert report.rows > 30_000  # The communes at least.
    assert backup.contents.tables["referrals_document"][0] == 1
    assert backups.NAME not in databases()

    # What changes afterwards is seen: the comparison looks at the values.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE lib_outboxentry SET key = 'b'")
    later = back_up(tmp_path / "later")
    (difference,) = backup.contents.differences(later.contents)
    assert difference.startswith("lib_outboxentry")


@pytest.mark.usefixtures("something")
def test_a_backup_that_lost_a_row_fails_the_drill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R20: the negative control, with the steps of the restoration left out."""
    backup = back_up(tmp_path)
    contents = Backup.read(backup.dump).contents
    contents.tables["lib_outboxentry"] = [0, "0"]
    told: dict[str, Any] = {
        "migrated": True,
        "mute": False,
        "pages": {"/connexion/": 500},
        "broken": ["quota"],
    }

    report = backups.Report(
        tables=1,
        rows=1,
        differences=backup.contents.differences(contents),
        trial=told,
        age_seconds=0,
        restored_in=0,
        checked_in=0,
    )

    assert report.differences == [
        f"lib_outboxentry\xa0: {backup.contents.tables['lib_outboxentry']} → [0, '0']"
    ]
    assert report.faults[1:] == [
        "la copie n’est pas muette",
        "/connexion/\xa0: 500",
        "contrôle quota",
    ]


def test_programs_that_are_nowhere_are_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.delenv("OPUS_PG_BIN", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(CommandError, match="postgresql-client-18"):
        call_command("backup", tmp_path)
