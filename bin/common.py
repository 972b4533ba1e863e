"""Helpers of the scripts in bin/. Standard library only."""

import fcntl
import hashlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".opus"
VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin" / "python")
MANAGE = str(ROOT / "manage.py")
QUIET = str(ROOT / "bin" / "quiet.py")
WISHES_TO_END = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Failed(Exception):
    """A correctable error, printed without a traceback."""


def run_command(command: Callable[[list[str]], int], arguments: list[str]) -> None:
    """Run a command and exit; print correctable errors."""
    # Otherwise each program would compile Opus again, and pytest its tests.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        for number in WISHES_TO_END:
            signal.signal(number, interrupt)
        sys.exit(command(arguments))
    except Failed as failure:
        sys.exit(f"\n{failure}")
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        sys.exit(f"\n{place}{error.strerror or error}. Put that right, then try again.")
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        sys.exit(130)


def interrupt(*_: object) -> None:
    """Act as Ctrl-C; a second signal changes nothing."""
    for number in WISHES_TO_END:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def say(text: str) -> None:
    print(text, flush=True)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Print the name, then the duration."""
    start = time.monotonic()
    print(f"  {name}…", end="", flush=True)
    yield
    say(f" {time.monotonic() - start:.1f} s")


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Lock a file, or raise BlockingIOError; our death unlocks it."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield


def digest(*patterns: str) -> str:
    """Return a digest of these files of the project."""
    result = hashlib.sha256()
    for pattern in patterns:
        for path in filter(Path.is_file, sorted(ROOT.glob(pattern))):
            result.update(f"{path.relative_to(ROOT)}\n".encode())
            result.update(path.read_bytes())
    return result.hexdigest()[:16]
