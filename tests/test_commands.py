"""Every command × what an operator can cause: a sentence, no traceback, not 0."""

import gc
import logging.config
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from threading import RLock
from typing import Any

import pytest
from django.conf import settings
from django.core.management import ManagementUtility, get_commands, load_command_class
from django.db import IntegrityError, OperationalError, connection
from tqdm import tqdm

from accounts.users.models import User
from opus.command_line import plain_errors
from opus.lib.jobs import JobRun
from tests.accounts.factories import AdviserFactory
from tests.tables import as_owner

# Commands close their connection, so no savepoint can undo what they write.
pytestmark = pytest.mark.django_db(transaction=True)

NOBODY = 65534
PASSWORD = "le-mot-de-passe"
FILE = "{file}"
# Words that each needs; {file} is the file that may be missing, odd or unreadable.
WORDS = {
    "adopt_instance": ["--waiting", "send"],
    "backup": [FILE],
    "check_invariants": [],
    "check_rules": [],
    "create_admin": ["--prenom", "A", "--nom", "B", "--email", "a.b@francetravail.fr"],
    "demo_code": ["conseiller.demo"],
    "extract_acts": ["--key", FILE, "--output", FILE],
    "import_agencies": [FILE],
    "import_offers": [FILE],
    "load_help": [],
    "load_reference": [],
    "make_offers": ["1000000"],
    "persons_seen": ["A", "--from", "2026-11-01T00:00", "--to", "2026-11-02T00:00"],
    "poll_offers": [],
    "refresh_search": [],
    "prepare": ["--tables-only"],
    "purge_personal_data": [],
    "rescan_texts": [],
    "restore_drill": [FILE],
    "seed_demo": ["--offers", "5"],
    "simulate_feed": ["--offers", FILE, "--secret", "whsec_YWJj", "--url", "http://["],
    "stand_in_api": ["--port", "0"],
    "try_copy": [],
}
NEED_WORDS = {name for name, words in WORDS.items() if words} - {
    *("make_offers", "prepare", "restore_drill", "seed_demo", "simulate_feed"),
    "stand_in_api",
} | {"make_offers"}
READ_A_FILE = {name for name, words in WORDS.items() if FILE in words} - {"backup"}
WITHOUT_DATABASE = {"make_offers", "simulate_feed", "stand_in_api"}


class Manage:
    """Run a command as manage.py does, in this process."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self.capfd = capfd

    def __call__(self, name: str, *words: str) -> tuple[int, str]:
        """Return the exit code and what was written as errors."""
        argv = ["manage.py", name, *words]
        if load_command_class(get_commands()[name], name).requires_system_checks:
            # Half a second each; pytest-django's own templates fail one.
            argv.append("--skip-checks")
        self.capfd.readouterr()
        code: object = 0
        try:
            with plain_errors(argv):
                ManagementUtility(argv).execute()
        except SystemExit as end:
            code = end.code
        errors = self.capfd.readouterr().err
        return (1, errors + code) if isinstance(code, str) else (int(code), errors)


@pytest.fixture
def _logs_again() -> Iterator[None]:
    """Give the log a stream that lasts: a command bound it to what was captured."""
    yield
    logging.config.dictConfig(settings.LOGGING)


@pytest.fixture
def manage(_logs_again: None, capfd: pytest.CaptureFixture[str]) -> Manage:
    return Manage(capfd)


def expect_a_sentence(code: int, errors: str) -> None:
    assert code in {1, 2}, errors
    assert errors.strip()
    assert "Traceback" not in errors


def words_of(name: str, file: Path) -> list[str]:
    return [str(file) if word == FILE else word for word in WORDS[name]]


def test_every_command_is_walked():
    apps = ("demo", "opus", "accounts", "offers", "referrals")

    assert set(WORDS) == {
        name for name, app in get_commands().items() if app.startswith(apps)
    }


def test_a_command_without_its_words_explains_itself(manage, subtests):
    for name in NEED_WORDS:
        with subtests.test(command=name):
            expect_a_sentence(*manage(name))


@contextmanager
def as_nobody() -> Iterator[None]:
    """Leave root, who may read everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


ODD = {
    "empty": b"",
    "binary": bytes(range(256)) * 2_000,
    "one long line": b"x" * 200_000,
    "latin-1": "code_safir,nom\n38086,Éché\n".encode("latin-1"),
    "utf-16": "code_safir,nom\n38086,Agence\n".encode("utf-16"),
    "other JSON": b'[1]\n3\n"x"\n',
}


def test_no_file_shows_a_traceback(manage, tmp_path, subtests):
    odd = {kind: tmp_path / kind for kind in ODD}
    for kind, path in odd.items():
        path.write_bytes(ODD[kind])
    files = odd | {"missing": tmp_path / "missing", "folder": tmp_path}
    for name in READ_A_FILE:
        for kind, file in files.items():
            with subtests.test(command=name, file=kind):
                expect_a_sentence(*manage(name, *words_of(name, file)))


def test_a_file_that_may_not_be_read_is_named(manage, tmp_path, subtests):
    file = tmp_path / "file"
    file.touch(mode=0o000)
    for name in (*READ_A_FILE, "backup"):
        connection.ensure_connection()  # Its socket is root's, too.
        with subtests.test(command=name), as_nobody():
            code, errors = manage(name, *words_of(name, file))

            expect_a_sentence(code, errors)
            assert str(tmp_path) in errors


def test_what_cannot_be_written_is_named(manage, tmp_path, subtests):
    key = tmp_path / "key"
    key.touch(mode=0o600)
    key.write_bytes(b"x" * 32)
    person = [*WORDS["persons_seen"], "--output"]
    AdviserFactory(identifier="A")
    for name, *words in (
        ["backup"],
        ["extract_acts", "--key", str(key), "--output"],
        ["persons_seen", *person],
    ):
        with subtests.test(command=name):
            code, errors = manage(name, *words, str(key))

            expect_a_sentence(code, errors)
            assert str(key) in errors


@pytest.fixture
def database_down(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Its address: a port of this machine where nobody listens."""
    connection.close()
    with socket.socket() as server, monkeypatch.context() as patch:
        server.bind(("127.0.0.1", 0))
        port = str(server.getsockname()[1])
        change = {"HOST": "127.0.0.1", "PORT": port, "PASSWORD": PASSWORD}
        for name, value in change.items():
            patch.setitem(connection.settings_dict, name, value)
        yield f"127.0.0.1:{port}/"
        connection.close()


def test_a_database_that_is_down_is_named_without_its_password(
    manage, database_down, tmp_path, settings, subtests
):
    settings.DEMO = True
    settings.API_CLIENT_ID = settings.API_CLIENT_SECRET = "x"
    file = tmp_path / "file.json"
    file.write_text("code_safir,nom\n38086,Agence une\n38087,Agence deux\n")
    file.chmod(0o600)
    folder = tmp_path / "folder"
    others = {"backup": [str(folder)], "restore_drill": [], "migrate": []}
    for name in (set(WORDS) | {"migrate"}) - WITHOUT_DATABASE:
        with subtests.test(command=name):
            words = others[name] if name in others else words_of(name, file)

            code, errors = manage(name, *words)

            expect_a_sentence(code, errors)
            assert f"@{database_down}" in errors
            assert "DATABASE_URL" in errors
            assert PASSWORD not in errors
    assert not [*folder.iterdir()]


def test_manage_py_itself_says_it_in_one_sentence(database_down):
    """The process that an operator starts, system checks included."""
    address = f"postgres://opus:{PASSWORD}@{database_down}opus"

    done = subprocess.run(
        [sys.executable, "manage.py", "migrate"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "OPUS_MIGRATE_URL": address, "OPUS_DEMO": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    start = "La base de données ne répond pas (OPUS_MIGRATE_URL, "
    assert done.stderr.startswith(start)
    assert done.stderr.count("\n") == 1
    assert PASSWORD not in done.stderr + done.stdout


def test_traceback_shows_the_error_itself(manage, database_down):
    with pytest.raises(OperationalError):
        manage("load_help", "--traceback")


def test_tables_that_are_missing_name_the_command_that_makes_them(manage):
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE offers_rome RENAME TO elsewhere")
    try:
        code, errors = manage("load_reference", "--force")
    finally:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO offers_rome")

    expect_a_sentence(code, errors)
    assert "manage.py migrate" in errors


def test_a_fault_of_opus_keeps_its_traceback():
    with pytest.raises(IntegrityError), plain_errors([]):
        JobRun.objects.create(pk="essai", every=None)


def test_a_broker_that_is_down_stops_no_command():
    """In a process of its own: Celery's pool would keep the address for other tests."""
    base = os.environ["DATABASE_URL"].rpartition("/")[0]
    done = subprocess.run(
        [sys.executable, "manage.py", "create_admin", *WORDS["create_admin"]],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "DATABASE_URL": f"{base}/{connection.settings_dict['NAME']}",
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "OPUS_DEMO": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert User.objects.filter(email="a.b@francetravail.fr").exists()


@pytest.fixture
def ctrl_c(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Press it where the command is."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    # A bar interrupted while it writes keeps its lock for good. The process ends then;
    # here a thread that collects that bar would wait for ever.
    lock = tqdm.get_lock()
    tqdm.set_lock(RLock())

    def press(*_: Any) -> None:
        signal.raise_signal(signal.SIGINT)
        pytest.fail("nobody heard")

    yield press
    tqdm.set_lock(lock)
    signal.signal(signal.SIGINT, before)


@pytest.mark.filterwarnings("ignore:.*was deleted while still open")
def test_ctrl_c_ends_a_command_without_a_traceback(
    manage, ctrl_c, tmp_path, settings, subtests
):
    settings.DEMO = True
    settings.API_CLIENT_ID = settings.API_CLIENT_SECRET = "x"
    file = tmp_path / "file"
    file.touch(mode=0o600)
    file.write_text("code_safir,nom\n38086,Agence une\n38087,Agence deux\n")
    others = {"backup": [str(tmp_path / "folder")], "restore_drill": []}
    for name in set(WORDS) - WITHOUT_DATABASE:
        with subtests.test(command=name), connection.execute_wrapper(ctrl_c):
            words = others[name] if name in others else words_of(name, file)

            code, errors = manage(name, *words)

            assert (code, "Traceback" in errors) == (130, False), errors
    gc.collect()  # Cursors that it left open.
    assert not [*(tmp_path / "folder").iterdir()]


class Terminal(StringIO):
    """Press Ctrl-C when the command first writes."""

    def __init__(self, press: Callable[[], None]) -> None:
        super().__init__()
        self.press = press

    def write(self, text: str) -> int:
        if not self.getvalue():
            super().write("^C")
            self.press()
        return super().write(text)


def test_ctrl_c_ends_a_command_that_reads_no_database(
    manage, ctrl_c, monkeypatch, subtests
):
    slow = {
        "make_offers": WORDS["make_offers"],
        "stand_in_api": WORDS["stand_in_api"],
        "simulate_feed": ["--secret", "whsec_YWJj", "--url", "http://127.0.0.1:1"],
    }
    for name, words in slow.items():
        with subtests.test(command=name), monkeypatch.context() as patch:
            terminal = Terminal(ctrl_c)
            patch.setattr(sys, "stdout", terminal)
            patch.setattr(sys, "stderr", terminal)

            code, _ = manage(name, *words)

            assert code == 130
            assert terminal.getvalue().endswith("Interrompu.\n")
            assert "Traceback" not in terminal.getvalue()
