"""Who may use .opus: one command starts its servers, the others are its guests."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from common import STATE, Failed

LOCK = STATE / "lock"
# Where the servers of STATE answer, while they do: what a second command reads.
ADDRESSES = STATE / "stack.json"
# Held by each command that uses the servers of another, which waits for it.
GUESTS = STATE / "guests.lock"


@contextmanager
def claim() -> Iterator[bool]:
    """Whether the servers of .opus are ours to start, and no one else's meanwhile."""
    STATE.mkdir(mode=0o700, exist_ok=True)
    with LOCK.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        ADDRESSES.unlink(missing_ok=True)  # Left by a command that was killed.
        yield True


@contextmanager
def claim_or_explain() -> Iterator[None]:
    """Claims .opus; waits a little for a command that is stopping.

    Raises:
        Failed: another command keeps it.
    """
    for _ in range(150):
        with claim() as claimed:
            if claimed:
                yield
                return
        if ADDRESSES.exists():
            break
        time.sleep(0.1)
    port = json.loads(ADDRESSES.read_text())["port"] if ADDRESSES.exists() else None
    if port:
        raise Failed(
            f"Opus already runs in this folder: http://localhost:{port}."
            " Stop it by Ctrl-C in its own terminal."
        )
    raise Failed("Another command of bin/ uses this folder: wait until it has ended.")


def write_addresses(environment: dict[str, str], port: int | None = None) -> None:
    """Tells other commands how to reach the servers; secrets, so for our eyes only."""
    new = ADDRESSES.with_suffix(".new")
    new.unlink(missing_ok=True)
    with open(new, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        json.dump({"port": port, "environment": environment}, file)
    new.rename(ADDRESSES)
