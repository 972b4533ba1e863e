import http.client
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from common import MANAGE, PYTHON, ROOT, STATE, Failed, say, step

type Process = subprocess.Popen[bytes]

MOST_STARTS = 3
CELERY = ["-m", "celery", "--app", "opus", "--quiet"]


def parts_of(state: Path = STATE) -> dict[str, list[str]]:
    return {
        "web": ["-m", "gunicorn", "--config", "opus/gunicorn.py", "opus.wsgi"],
        "feed": ["-m", "gunicorn", "--config", "opus/gunicorn_feed.py", "opus.wsgi"],
        "worker": [*CELERY, "worker", "-c2", "--without-gossip", "--without-mingle"],
        # Inside the worker it would outlive a kill.
        "beat": [*CELERY, "beat", "--schedule", str(state / "beat")],
    }


def dying_with_us(signal_name: str) -> list[str]:
    """Return the prefix of a program signalled if we die."""
    return ["setpriv", "--pdeathsig", signal_name]


def spawn(prefix: list[str], *command: str | Path, log: Path, **popen: Any) -> Process:
    """Start a program in its own group, apart from Ctrl-C."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        popen = {"stdout": output, "stderr": output, **popen}
        popen = {"stdin": subprocess.DEVNULL, "process_group": 0, **popen}
        return subprocess.Popen([*prefix, *command], **popen)


def start(
    name: str,
    *words: str,
    environment: Mapping[str, str],
    state: Path = STATE,
    **popen: Any,
) -> Process:
    """Start a Python program; keep the log before."""
    log = state / "log" / f"{name}.log"
    if log.exists():
        log.rename(log.with_suffix(".log.1"))
    options = {"cwd": ROOT, "env": {**os.environ, **environment}, **popen}
    return spawn(dying_with_us("KILL"), PYTHON, *words, log=log, **options)


def call(*words: str, environment: Mapping[str, str], cwd: Path | None = None) -> int:
    """Run MANAGE or QUIET; raise KeyboardInterrupt if Ctrl-C ended it."""
    command = ["env", "--block-signal=INT", *dying_with_us("INT"), PYTHON, *words]
    process = subprocess.Popen(command, env={**os.environ, **environment}, cwd=cwd)
    # Ctrl-C reaches it from the terminal: here we only wait until it has ended.
    presses: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: presses.append(number))
    try:
        code = process.wait()
    except KeyboardInterrupt:  # Another request to stop, which only we received.
        process.send_signal(signal.SIGINT)
        process.wait()
        raise
    finally:
        signal.signal(signal.SIGINT, before)
    if presses and code:  # A shell of Python or PostgreSQL goes on, and ends with 0.
        raise KeyboardInterrupt
    return code if code >= 0 else 128 - code


def finish(*command: str | Path) -> tuple[int, str]:
    """Run a program apart from Ctrl-C; return code and output."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process: Any = spawn(dying_with_us("INT"), *command, log=Path(os.devnull), **pipes)
    try:
        output, _ = process.communicate()
    except KeyboardInterrupt:  # Pass it on, also to what the program started.
        os.killpg(process.pid, signal.SIGINT)
        end(process, patience=10)
        raise
    return process.returncode, output


def make_tables(environment: Mapping[str, str]) -> int:
    with step("Making the tables"):
        return call(MANAGE, "prepare", "--tables-only", environment=environment)


def end(process: Process, *, patience: float) -> None:
    """Wait for a stopping process, then kill its group."""
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def stop(processes: dict[str, Process]) -> None:
    """Stop all within 3 s: interrupted tasks run again later."""
    deadline = time.monotonic() + 3
    for process in processes.values():
        process.terminate()
    for process in processes.values():
        end(process, patience=max(0.1, deadline - time.monotonic()))


def wait_until(
    is_ready: Callable[[], bool], processes: dict[str, Process], state: Path = STATE
) -> None:
    """Wait, or raise Failed if a process ends."""
    while not is_ready():
        for name, process in processes.items():
            if process.poll() is not None:
                raise Failed(f"{end_of(name, process, state)} All is stopped.")
        time.sleep(0.05)


def keep(
    parts: dict[str, Process],
    servers: Mapping[str, Process],
    starters: Mapping[str, Callable[[], Process]],
    is_over: Callable[[], bool] = lambda: False,
    report: Callable[[str], None] = say,
) -> None:
    """Start again what ends; raise Failed if it ends four times a minute."""
    ends: list[tuple[str, float]] = []
    while not is_over():
        for name, process in {**parts, **servers}.items():
            if process.poll() is not None:
                ends = [one for one in ends if one[1] > time.monotonic() - 60]
                if [before for before, _ in ends].count(name) == MOST_STARTS:
                    raise Failed(f"{end_of(name, process)} All is stopped.")
                report(f"{end_of(name, process)} It starts again.")
                ends.append((name, time.monotonic()))
                # What it had started still has its port: as systemd, end all of it.
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                started = starters[name]()
                if name in parts:
                    parts[name] = started
        time.sleep(0.2)


def end_of(name: str, process: Process, state: Path = STATE) -> str:
    where = f"{state.name}/log/{name}.log"
    return f"The {name} process ended by itself (code {process.returncode}): {where}."


def wait_for_site(
    port: int, processes: dict[str, Process], state: Path = STATE
) -> None:
    """Wait until the site has made its first, slow page."""
    with step("Starting the site"):
        wait_until(lambda: status(port, "/livez") == 200, processes, state)
        if (code := status(port, "/")) >= 500:
            raise Failed(f"The site answers {code}: read {state.name}/log/web.log")


def status(port: int, path: str) -> int:
    """Return the status of a page; 0: no answer."""
    site = http.client.HTTPConnection("localhost", port, timeout=20)
    with suppress(OSError, http.client.HTTPException), closing(site):
        site.request("GET", path)
        return site.getresponse().status
    return 0
