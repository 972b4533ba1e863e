"""The throw-away servers of bin/test and bin/check."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common import ROOT
from db_template import make_template
from environments import new_secrets
from servers import Servers

TESTS = ROOT / ".opus-test"


@contextmanager
def throw_away_servers(*, with_tables: bool = False) -> Iterator[dict[str, str]]:
    """Yield server variables for one command; several may run at once."""
    TESTS.mkdir(mode=0o700, exist_ok=True)
    for left_over in TESTS.glob("[0-9]*"):
        if not Path("/proc", left_over.name).exists():  # Its command was killed.
            Servers(left_over).remove()
    state = TESTS / str(os.getpid())
    servers = Servers(state, throw_away=True)
    try:
        if with_tables and "DATABASE_URL" not in os.environ:
            servers.template = make_template(TESTS)
        addresses = servers.start()
        static = state / "static"  # WhiteNoise warns if there is none.
        static.mkdir()
        yield {
            "OPUS_DEMO": "0",
            "OPUS_STATIC_ROOT": str(static),
            # Tests search these logs for what must not be in them (S41).
            "OPUS_TEST_LOGS": str(servers.logs),
            **new_secrets(),
            **addresses,
        }
    finally:
        servers.stop()
        servers.remove()
