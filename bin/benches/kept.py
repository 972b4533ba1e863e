"""Keep the servers of bin/bench. Standard library only."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from common import ROOT, Failed, locked
from environments import demo_environment
from processes import call
from servers import Servers

from benches.options import Options

BENCH = ROOT / ".opus-bench"


def measure(options: Options) -> int:
    """Run each bench in its own process; return the exit code."""
    with kept_servers() as environment:
        for name in options.names:
            words = ("-m", "benches.one", *options.words(name))
            if code := call(*words, environment=environment, cwd=ROOT / "bin"):
                return code
    return 0


@contextmanager
def kept_servers() -> Iterator[dict[str, str]]:
    """Yield the variables of servers as durable as those of bin/run.

    Raises Failed if another bench uses them, or if the caller names a server.
    """
    if os.environ.get("DATABASE_URL") or os.environ.get("REDIS_URL"):
        raise Failed(
            "bin/bench makes databases of its own on a server of its own:"
            " unset DATABASE_URL and REDIS_URL."
        )
    servers = Servers(BENCH)
    try:
        with locked(BENCH / "lock", wait=False):
            try:
                yield demo_environment(BENCH) | servers.start()
            finally:
                servers.stop()
    except BlockingIOError:
        raise Failed(
            "Another bin/bench runs in this folder: wait until it has ended."
        ) from None


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
