"""Lock .opus: one command at a time starts its servers."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from common import STATE, Failed, locked

LOCK = STATE / "lock"
# For other commands: the port of bin/run, the variables of its parts.
ADDRESSES = STATE / "stack.json"


@contextmanager
def lock_stack() -> Iterator[None]:
    """Lock .opus; wait 15 s for a stopping command."""
    for _ in range(150):
        try:
            with locked(LOCK, wait=False):
                ADDRESSES.unlink(missing_ok=True)  # Left by a run that was killed.
                try:
                    yield
                finally:
                    ADDRESSES.unlink(missing_ok=True)
                return
        except BlockingIOError:
            if ADDRESSES.exists():
                raise Failed(
                    "Opus already runs in this folder:"
                    f" http://localhost:{read_addresses()['port']}."
                    " Stop it by Ctrl-C in its own terminal."
                ) from None
            time.sleep(0.1)
    raise Failed("Another command of bin/ uses this folder: wait until it has ended.")


def read_addresses() -> Any:
    return json.loads(ADDRESSES.read_text())


def write_addresses(port: int, environment: dict[str, str]) -> None:
    """Write them for our user only: they contain secrets."""
    new = ADDRESSES.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text(json.dumps({"port": port, "environment": environment}))
    new.rename(ADDRESSES)
