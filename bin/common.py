"""What the scripts of bin/ share. Standard library only, like all of them but two."""

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".opus"


class Failed(Exception):
    """What a person must mend: the text is a sentence with the command to type."""


def say(text: str) -> None:
    """Tells the person at the terminal, at once."""
    print(text, flush=True)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Says what is going on, then how long it took."""
    start = time.monotonic()
    print(f"  {name}…", end="", flush=True)
    try:
        yield
    except BaseException:
        print(" failed", flush=True)
        raise
    print(f" {time.monotonic() - start:.1f} s", flush=True)


@contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Waits for the lock of a file and holds it; the kernel frees it at our death."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield


def is_root() -> bool:
    """Root may install system packages, and must not run PostgreSQL."""
    return os.geteuid() == 0


def in_virtual_environment() -> bool:
    """Whether this Python is the one of .venv."""
    return Path(sys.prefix).resolve() == (ROOT / ".venv").resolve()
