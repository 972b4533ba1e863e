"""The commands of bin/: each starts the servers that it needs, then stops them.

Called by bin/launch. Standard library only: it runs before any package is there.
"""

import base64
import errno
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from common import ROOT, STATE, Failed, locked, say, step
from packages import enter_virtual_environment, install, require_pango
from servers import Process, Servers, end, find_postgres, spawn

LOCK = STATE / "lock"
# Where the servers of STATE answer, while they do: what a second command reads.
ADDRESSES = STATE / "stack.json"
# Held by each command that uses the servers of another, which waits for it.
GUESTS = STATE / "guests.lock"
SECRETS = STATE / "secrets"
TESTS = ROOT / ".opus-test"
MANAGE = str(ROOT / "manage.py")
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
GREETING = """
Opus is ready: http://localhost:{port}   ({seconds:.1f} s)

  rgc.demo          the partner's RGC: opens and closes the advisers' accounts
  conseiller.demo   an adviser: finds offers, puts candidates in contact
  agent.demo        France Travail's agent: http://localhost:{port}/admin/
  admin.demo        France Travail's administrator, the same address

  Password of each: Opus-demo-2026!
  Then a one-time code: the page shows it, and so does
  bin/manage demo_code conseiller.demo

Ctrl-C stops everything. Data stay in .opus/, logs in .opus/log/.
"""


def run(arguments: list[str]) -> int:
    """The whole of Opus with its demonstration data, until Ctrl-C."""
    start = time.monotonic()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    children: dict[str, Process] = {}
    servers = Servers(STATE)
    try:
        install("run")
        require_pango()
        with claim_or_explain():
            port = wanted_port()
            bind = loopback(port)
            try:
                environment = demo_environment() | servers.start()
                environment |= {"OPUS_PORT": str(port), "OPUS_BIND": ",".join(bind)}
                children["prepare"] = python(
                    "prepare", str(ROOT / "bin" / "prepare.py"), env=environment
                )
                finish("prepare", children)
                children["web"] = python("web", *web(), env=environment)
                children["worker"] = python("worker", *worker(), env=environment)
                children["beat"] = python("beat", *beat(), env=environment)
                wait_for_first_page(port, children)
                write_addresses(environment, port)
                say(GREETING.format(port=port, seconds=time.monotonic() - start))
                watch(children | servers.processes)
            finally:
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(number, signal.SIG_IGN)
                ADDRESSES.unlink(missing_ok=True)
                stop(children)
                servers.stop()
    except KeyboardInterrupt:
        say("Stopped.")
    return 0


def test(arguments: list[str]) -> int:
    """The test suite on servers of its own; the arguments are pytest's."""
    install("dev")
    require_pango()
    chromium = find_chromium()
    if chromium:
        os.environ["OPUS_CHROMIUM"] = chromium
    elif os.environ.get("OPUS_REQUIRE_BROWSER") == "1":
        raise Failed(
            "No Chromium: type apt-get install chromium, or set OPUS_CHROMIUM."
        )
    else:
        say("No Chromium found, so the browser tests are left out.")
    in_one_process = {"-n", "--numprocesses", "--pdb", "--collect-only", "--co"}
    workers = [] if in_one_process & set(arguments) else ["-n", "2"]
    with throw_away_servers() as environment:
        return call("-m", "pytest", *workers, *arguments, environment=environment)


def check(arguments: list[str]) -> int:
    """Everything that can be judged without running the tests; ``--fix`` mends some."""
    install("dev")
    program = str(ROOT / "bin" / "checks.py")
    with throw_away_servers() as environment:
        return call(program, *arguments, environment=environment)


def manage(arguments: list[str]) -> int:
    """``manage.py`` on the servers that run, or on those of .opus for its duration."""
    install("run")
    while True:
        with claim() as claimed:
            if claimed:
                return manage_alone(arguments)
        with locked(GUESTS, shared=True):
            if ADDRESSES.exists():
                environment = json.loads(ADDRESSES.read_text())["environment"]
                return call(MANAGE, *arguments, environment=with_psql(environment))
        time.sleep(0.1)  # The other command is starting or stopping.


def manage_alone(arguments: list[str]) -> int:
    """Starts the servers of .opus, lends them to other commands, stops them."""
    servers = Servers(STATE)
    try:
        environment = demo_environment() | servers.start()
        # A cluster that we have just made has no table yet: whoever types a command
        # before the first bin/run wants it to work all the same.
        if servers.postgres and servers.postgres.is_new:
            prepare = str(ROOT / "bin" / "prepare.py")
            if code := call(prepare, "--tables-only", environment=environment):
                return code
        write_addresses(environment)
        return call(MANAGE, *arguments, environment=with_psql(environment))
    finally:
        with locked(GUESTS):
            ADDRESSES.unlink(missing_ok=True)
            servers.stop()


# --- Who may use .opus ------------------------------------------------------------
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


# --- Environments -----------------------------------------------------------------
def demo_environment() -> dict[str, str]:
    """The variables of a demonstration, unless the caller set them otherwise."""
    defaults = {
        "OPUS_DEMO": "1",
        "OPUS_HOSTS": "localhost,127.0.0.1",
        "OPUS_STATIC_ROOT": str(STATE / "static"),
        **kept_secrets(),
    }
    return {name: os.environ.get(name, defaults[name]) for name in defaults}


def with_psql(environment: dict[str, str]) -> dict[str, str]:
    """``manage.py dbshell`` looks for PostgreSQL's client on PATH."""
    try:
        programs = find_postgres()
    except Failed:
        return environment
    return environment | {"PATH": f"{os.environ['PATH']}{os.pathsep}{programs}"}


def kept_secrets() -> dict[str, str]:
    """The secrets of this folder, drawn at the first start."""
    if not SECRETS.exists():
        drawn = "".join(f"{name}={value}\n" for name, value in new_secrets().items())
        new = SECRETS.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(drawn)
        new.rename(SECRETS)
    lines = SECRETS.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def new_secrets() -> dict[str, str]:
    """Fresh ones: Django's key and the Fernet key of the second factors."""
    return {
        "OPUS_SECRET_KEY": secrets.token_urlsafe(64),
        "OPUS_OTP_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }


@contextmanager
def throw_away_servers() -> Iterator[dict[str, str]]:
    """Servers that live as long as one command; several may run side by side."""
    TESTS.mkdir(mode=0o700, exist_ok=True)
    for left_over in TESTS.glob("*.lock"):
        with left_over.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            Servers(left_over.with_suffix(""), throw_away=True).remove()
            left_over.unlink(missing_ok=True)
    state = TESTS / str(os.getpid())
    with locked(state.with_suffix(".lock")):
        servers = Servers(state, throw_away=True)
        try:
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


def find_chromium() -> str | None:
    """The program that drives the browser tests, if this machine has one."""
    named = os.environ.get("OPUS_CHROMIUM")
    candidates = [named] if named else [*CHROMIUM_NAMES, *CHROMIUM_PATHS]
    return next(filter(None, map(shutil.which, candidates)), None)


# --- The port ---------------------------------------------------------------------
def wanted_port() -> int:
    """OPUS_PORT, or 8000."""
    text = os.environ.get("OPUS_PORT", "8000")
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Failed(f"OPUS_PORT={text} is no port: write a number, as 8001.")
    return int(text)


def loopback(port: int) -> list[str]:
    """The addresses to serve: a browser may take localhost for either.

    Raises:
        Failed: another program has the port.
    """
    for _ in range(30):  # A site that was killed leaves its port within 2 s.
        v4 = is_free(socket.AF_INET, "127.0.0.1", port)
        v6 = is_free(socket.AF_INET6, "::1", port)
        if v4 and v6 is not False:
            return [f"127.0.0.1:{port}", *([f"[::1]:{port}"] if v6 else [])]
        time.sleep(0.1)
    raise Failed(
        f"Port {port} is taken by another program. Type: OPUS_PORT={port + 1} bin/run"
    )


def is_free(family: socket.AddressFamily, host: str, port: int) -> bool | None:
    """Whether nobody listens there; None where the machine has no such address."""
    try:
        with socket.socket(family) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
    except OSError as error:
        return False if error.errno == errno.EADDRINUSE else None
    return True


# --- Processes --------------------------------------------------------------------
def python(name: str, *arguments: str, env: dict[str, str]) -> Process:
    """Starts a Python program of ours; what it says goes to its log."""
    log = STATE / "log" / f"{name}.log"
    if log.exists():
        log.rename(log.with_suffix(".log.1"))
    return spawn(
        [sys.executable, *arguments],
        log=log,
        cwd=ROOT,
        on_parent_death=signal.SIGKILL,
        environment=os.environ | env,
        # What it prepares, a person wants to see.
        **({"stdout": None} if name == "prepare" else {}),
    )


def worker() -> list[str]:
    """Celery's worker."""
    # Forking is not safe on macOS.
    pool = ["--pool", "threads"] if sys.platform == "darwin" else []
    return [
        *("-m", "celery", "--app", "opus", "--quiet", "worker", "--concurrency", "2"),
        *("--without-gossip", "--without-mingle", *pool),
    ]


def beat() -> list[str]:
    """Celery's clock, by itself: inside the worker it would outlive a kill."""
    schedule = str(STATE / "beat")
    return ["-m", "celery", "--app", "opus", "--quiet", "beat", "--schedule", schedule]


def web() -> list[str]:
    """Gunicorn, as in production but for the address."""
    return ["-m", "gunicorn", "--config", "opus/gunicorn.py", "opus.wsgi"]


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


def wait_for_first_page(port: int, children: dict[str, Process]) -> None:
    """Waits until the site is alive, then has it make a page, as the first is slow."""
    with step("Starting the site"):
        for path in ("/livez", "/"):
            while not answers(f"http://localhost:{port}{path}"):
                raise_if_ended(children)
                time.sleep(0.05)


def answers(url: str) -> bool:
    """Whether a page is there, any proxy of the caller's left aside."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=20) as response:
            return bool(response.status == 200)
    except urllib.error.HTTPError as error:
        raise Failed(f"{url} answered {error.code}: read .opus/log/web.log") from error
    except OSError:
        return False


def watch(children: dict[str, Process]) -> None:
    """Waits for Ctrl-C; a part that ends takes the whole with it."""
    while True:
        raise_if_ended(children)
        time.sleep(0.5)


def raise_if_ended(children: dict[str, Process]) -> None:
    """Says which log explains it."""
    for name, process in children.items():
        if process.poll() is not None:
            raise Failed(
                f"The {name} process ended by itself (code {process.returncode}),"
                f" so all is stopped: read .opus/log/{name}.log"
            )


def stop(children: dict[str, Process]) -> None:
    """Asks all at once, and is done within 3 s: an unfinished task is run again."""
    deadline = time.monotonic() + 3
    for process in children.values():
        process.terminate()
    for process in children.values():
        end(process, patience=max(0.1, deadline - time.monotonic()))


def interrupt(*_: object) -> None:
    """Any wish to end is one and the same."""
    raise KeyboardInterrupt


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": run,
    "test": test,
    "check": check,
    "manage": manage,
}


def main() -> int:
    """Runs one command; what a person must mend is told without a traceback."""
    command, *arguments = sys.argv[1:]
    try:
        enter_virtual_environment()
        if command != "manage":  # Its file names are the caller's.
            os.chdir(ROOT)
        return COMMANDS[command](arguments)
    except Failed as failure:
        sys.exit(f"\n{failure}")
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
