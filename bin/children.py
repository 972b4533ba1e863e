"""The programs of ours that a command starts, watches and stops."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from common import ROOT, STATE, Failed, step
from servers import Process, end, spawn

# Is there once tables, reference data and static files are.
READY = STATE / "ready"


def python(
    name: str,
    *arguments: str,
    env: Mapping[str, str],
    state: Path = STATE,
    **popen: Any,
) -> Process:
    """Starts a Python program of ours; what it says goes to its log."""
    log = state / "log" / f"{name}.log"
    if log.exists():
        log.rename(log.with_suffix(".log.1"))
    return spawn(
        [sys.executable, *arguments],
        log=log,
        cwd=ROOT,
        on_parent_death=signal.SIGKILL,
        environment={**os.environ, **env},
        # What it prepares, a person wants to see.
        **({"stdout": None} if name == "prepare" else {}),
        **popen,
    )


def worker() -> list[str]:
    """Celery's worker."""
    # Forking is not safe on macOS.
    pool = ["--pool", "threads"] if sys.platform == "darwin" else []
    return [
        *("-m", "celery", "--app", "opus", "--quiet", "worker", "--concurrency", "2"),
        *("--without-gossip", "--without-mingle", *pool),
    ]


def beat(state: Path = STATE) -> list[str]:
    """Celery's clock, by itself: inside the worker it would outlive a kill."""
    schedule = str(state / "beat")
    return ["-m", "celery", "--app", "opus", "--quiet", "beat", "--schedule", schedule]


def web() -> list[str]:
    """Gunicorn, as in production but for the address."""
    return ["-m", "gunicorn", "--config", "opus/gunicorn.py", "opus.wsgi"]


def feed() -> list[str]:
    """The site once more, for the events of the feed alone."""
    return ["-m", "gunicorn", "--config", "opus/gunicorn_feed.py", "opus.wsgi"]


def simulated_feed() -> list[str]:
    """France Travail's feed, simulated: an event every few seconds, without end."""
    return ["simulate_feed", "--rate", "0.25", "--events", "0", "--verbosity", "0"]


def call(*arguments: str, environment: dict[str, str]) -> int:
    """Runs a Python program in this terminal and returns its exit code.

    Ctrl-C is the program's own affair: we wait until it has ended.
    """
    signal.signal(signal.SIGINT, lambda *_: None)
    code = subprocess.run(
        [sys.executable, *arguments], env=os.environ | environment
    ).returncode
    return code if code >= 0 else 128 - code


def finish(name: str, children: dict[str, Process]) -> None:
    """Waits for a child that ends by itself.

    Raises:
        Failed: it went wrong.
    """
    if children.pop(name).wait():
        raise Failed(f"Opus could not {name} its data: read .opus/log/{name}.log")


def wait_for_tables(children: dict[str, Process]) -> None:
    """Waits until the site may start.

    Raises:
        Failed: it may not.
    """
    while not READY.exists():
        if children["prepare"].poll():
            finish("prepare", children)
        time.sleep(0.02)


def wait_for_first_page(
    port: int, children: dict[str, Process], state: Path = STATE
) -> None:
    """Waits until the site is alive, then has it make a page, as the first is slow."""
    with step("Starting the site"):
        for path in ("/livez", "/"):
            while not answers(f"http://localhost:{port}{path}", state):
                raise_if_ended(children, state)
                time.sleep(0.05)


def is_there(url: str) -> bool:
    """Whether a page answers well now."""
    try:
        return answers(url)
    except Failed:
        return False


def answers(url: str, state: Path = STATE) -> bool:
    """Whether a page is there, any proxy of the caller's left aside."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=20) as response:
            return bool(response.status == 200)
    except urllib.error.HTTPError as error:
        raise Failed(
            f"{url} answered {error.code}: read {state.name}/log/web.log"
        ) from error
    except OSError:
        return False


def watch(children: dict[str, Process]) -> None:
    """Waits for Ctrl-C; a part that ends takes the whole with it."""
    while True:
        raise_if_ended(children)
        time.sleep(0.5)


def raise_if_ended(children: dict[str, Process], state: Path = STATE) -> None:
    """Says which log explains it."""
    for name, process in children.items():
        if process.poll() is not None:
            raise Failed(
                f"The {name} process ended by itself (code {process.returncode}),"
                f" so all is stopped: read {state.name}/log/{name}.log"
            )


def stop(children: dict[str, Process]) -> None:
    """Asks all at once, and is done within 3 s: an unfinished task is run again."""
    deadline = time.monotonic() + 3
    for process in children.values():
        process.terminate()
    for process in children.values():
        end(process, patience=max(0.1, deadline - time.monotonic()))
