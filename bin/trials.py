"""What bin/test and bin/check need for as long as they last: servers, a browser."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from children import call
from common import ROOT, Failed, locked
from environments import new_secrets
from servers import Servers, find_postgres

TESTS = ROOT / ".opus-test"
# What the tables of a test database come from.
SOURCES = (
    "*/migrations/*.py",
    "opus/lib/migrations/*.py",
    "offers/data/*",
    "opus/settings.py",
    "requirements/run.lock",
)
# One for each process of pytest: alone, or the two of xdist.
NAME_TEST_DATABASES = (
    "ALTER DATABASE opus RENAME TO test_opus",
    "CREATE DATABASE test_opus_gw0 TEMPLATE test_opus",
    "CREATE DATABASE test_opus_gw1 TEMPLATE test_opus",
    "CREATE DATABASE opus",
)

CHROMIUM_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
CHROMIUM_PATHS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


@contextmanager
def throw_away_servers(*, with_tables: bool = False) -> Iterator[dict[str, str]]:
    """Servers that live as long as one command; several may run side by side.

    Args:
        with_tables: the databases of the tests stand there, with their tables.
    """
    TESTS.mkdir(mode=0o700, exist_ok=True)
    remove_left_overs()
    state = TESTS / str(os.getpid())
    with locked(state.with_suffix(".lock")):
        servers = Servers(state, throw_away=True)
        try:
            if with_tables and "DATABASE_URL" not in os.environ:
                prepare_cluster()
                with locked(TESTS / "prepared", shared=True):
                    servers.prepared = prepared_cluster()
                    addresses = servers.start()
            else:
                addresses = servers.start()
            static = state / "static"  # WhiteNoise warns where there is none.
            static.mkdir()
            yield {
                "OPUS_DEMO": "0",
                "OPUS_STATIC_ROOT": str(static),
                **new_secrets(),
                **addresses,
            }
        finally:
            servers.stop()
            servers.remove()
            state.with_suffix(".lock").unlink(missing_ok=True)


def remove_left_overs() -> None:
    """What commands that were killed left behind."""
    for left_over in TESTS.glob("*.lock"):
        with left_over.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            Servers(left_over.with_suffix(""), throw_away=True).remove()
            left_over.unlink(missing_ok=True)


def prepare_cluster() -> None:
    """Migrates a cluster once for all the runs until a migration changes.

    A run begins with a copy of it: migrating anew takes a minute on two busy cores.

    Raises:
        Failed: the tables could not be made; the error is on the screen.
    """
    with locked(TESTS / "prepared"):
        cluster = prepared_cluster()
        if cluster.exists():
            return
        for old in TESTS.glob("prepared-*"):
            shutil.rmtree(old, ignore_errors=True)
        servers = Servers(TESTS / "preparing", throw_away=True)
        servers.remove()
        try:
            environment = {
                "OPUS_DEMO": "1",
                "OPUS_HOSTS": "localhost",
                **new_secrets(),
                **servers.start(),
            }
            prepare = str(ROOT / "bin" / "prepare.py")
            if call(prepare, "--tables-only", environment=environment):
                raise Failed("The tables of the tests could not be made: see above.")
            servers.stop()
            if postgres := servers.postgres:
                postgres.run_alone(NAME_TEST_DATABASES)
                shutil.move(postgres.data, cluster)
        finally:
            servers.stop()
            servers.remove()


def prepared_cluster() -> Path:
    """Where the cluster of today's migrations stands, or is to stand."""
    state = hashlib.sha256(str(find_postgres()).encode())
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file():
                state.update(f"{path.relative_to(ROOT)}\n".encode())
                state.update(path.read_bytes())
    return TESTS / f"prepared-{state.hexdigest()[:16]}"


def find_chromium() -> str | None:
    """The program that drives the browser tests, if this machine has one."""
    named = os.environ.get("OPUS_CHROMIUM")
    candidates = [named] if named else [*CHROMIUM_NAMES, *CHROMIUM_PATHS]
    return next(filter(None, map(shutil.which, candidates)), None)
