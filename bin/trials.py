"""What bin/test, bin/check and bin/bench need to try Opus: servers, a browser."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from common import ROOT, Failed, locked
from environments import demo_environment, new_secrets
from prepared import prepare_cluster, prepared_cluster
from servers import Servers

TESTS = ROOT / ".opus-test"
BENCH = ROOT / ".opus-bench"

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
                prepare_cluster(TESTS)
                with locked(TESTS / "prepared", shared=True):
                    servers.prepared = prepared_cluster(TESTS)
                    addresses = servers.start()
            else:
                addresses = servers.start()
            static = state / "static"  # WhiteNoise warns where there is none.
            static.mkdir()
            yield {
                "OPUS_DEMO": "0",
                "OPUS_STATIC_ROOT": str(static),
                # Where tests look for what must not be in a log (S41).
                "OPUS_TEST_LOGS": str(servers.logs),
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


@contextmanager
def kept_servers() -> Iterator[dict[str, str]]:
    """The servers of bin/bench: as durable as those of bin/run, and their data stay.

    Raises:
        Failed: another bench has them, or the caller wants his own server filled.
    """
    if os.environ.get("DATABASE_URL") or os.environ.get("REDIS_URL"):
        raise Failed(
            "bin/bench makes databases of its own on a server of its own:"
            " unset DATABASE_URL and REDIS_URL."
        )
    BENCH.mkdir(mode=0o700, exist_ok=True)
    with (BENCH / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed(
                "Another bin/bench runs in this folder: wait until it has ended."
            ) from None
        servers = Servers(BENCH)
        try:
            yield demo_environment(BENCH) | servers.start()
        finally:
            servers.stop()


def find_chromium() -> str | None:
    """The program that drives the browser tests, if this machine has one."""
    named = os.environ.get("OPUS_CHROMIUM")
    candidates = [named] if named else [*CHROMIUM_NAMES, *CHROMIUM_PATHS]
    return next(filter(None, map(shutil.which, candidates)), None)
