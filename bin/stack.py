"""The commands of bin/: each starts the servers that it needs, then stops them.

Called by bin/launch. Standard library only: it runs before any package is there.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable

from benches.options import read_options
from children import (
    READY,
    beat,
    call,
    feed,
    finish,
    python,
    simulated_feed,
    stop,
    wait_for_first_page,
    wait_for_tables,
    watch,
    web,
    worker,
)
from claims import ADDRESSES, GUESTS, claim, claim_or_explain, write_addresses
from common import ROOT, STATE, Failed, locked, say
from environments import (
    api_environment,
    demo_environment,
    feed_bind,
    feed_environment,
    with_psql,
)
from gamedays import play
from packages import enter_virtual_environment, install, require_pango
from ports import loopback, wanted_port
from servers import Process, Servers
from trials import find_chromium, kept_servers, throw_away_servers

MANAGE = str(ROOT / "manage.py")
GREETING = """
Opus is ready: http://localhost:{port}   ({seconds:.1f} s)

{accounts}

The feed's events: {feed}

Ctrl-C stops everything. Data stay in .opus/, logs in .opus/log/.
"""
ACCOUNTS = {
    "rgc.demo": "the partner's RGC: opens and closes the advisers' accounts",
    "conseiller.demo": "an adviser: finds offers, puts candidates in contact",
    "agent.demo": "France Travail's agent: http://localhost:{port}/admin/",
    "admin.demo": "France Travail's administrator, the same address",
}
HOW_TO_ENTER = """
  Password of each: Opus-demo-2026!
  Then a one-time code: the page shows it, and so does
  bin/manage demo_code {first}"""
NO_ACCOUNTS = "  No demonstration account is open here: sign in with your own."


def greeting(
    port: int, seconds: float, accounts: str, environment: dict[str, str]
) -> str:
    """Return what a person reads once it runs: the accounts that exist, no other."""
    there = [name for name in ACCOUNTS if name in accounts.split()]
    lines = [f"  {name:16}  {ACCOUNTS[name].format(port=port)}" for name in there]
    if there:
        lines.append(HOW_TO_ENTER.format(first=there[0]))
    return GREETING.format(
        port=port,
        seconds=seconds,
        accounts="\n".join(lines or [NO_ACCOUNTS]),
        feed=environment["OPUS_FEED_BIND"],
    )


def run(arguments: list[str]) -> int:
    """The whole of Opus with its demonstration data, until Ctrl-C.

    ``--vivant``: offers come and go beside, as France Travail's feed would have it.
    """
    if set(arguments) - {"--vivant"}:
        raise Failed("bin/run takes --vivant, or nothing.")
    is_alive = "--vivant" in arguments
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
                environment |= feed_bind()
                environment |= api_environment()
                if is_alive:
                    environment |= feed_environment()
                READY.unlink(missing_ok=True)
                program = str(ROOT / "bin" / "prepare.py")
                children["prepare"] = python(
                    "prepare", program, "--ready", str(READY), env=environment
                )
                wait_for_tables(children)
                children["web"] = python("web", *web(), env=environment)
                finish("prepare", children)
                children["worker"] = python("worker", *worker(), env=environment)
                children["beat"] = python("beat", *beat(), env=environment)
                wait_for_first_page(port, children)
                children["feed"] = python("feed", *feed(), env=environment)
                write_addresses(environment, port)
                if is_alive:
                    children["simulator"] = python(
                        "simulator", MANAGE, *simulated_feed(), env=environment
                    )
                seconds = time.monotonic() - start
                say(greeting(port, seconds, READY.read_text(), environment))
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
    # Whoever has done his share takes of the other's: a few tests last a minute.
    two = ["-n", "2", "--dist", "worksteal"]
    workers = [] if in_one_process & set(arguments) else two
    # Their tables stand there already, unless the server is the caller's own.
    reuse = [] if "DATABASE_URL" in os.environ else ["--reuse-db"]
    with throw_away_servers(with_tables=True) as environment:
        return call(
            "-m", "pytest", *reuse, *workers, *arguments, environment=environment
        )


def check(arguments: list[str]) -> int:
    """Everything that can be judged without running the tests; ``--fix`` mends some."""
    install("dev")
    program = str(ROOT / "bin" / "checks.py")
    with throw_away_servers() as environment:
        return call(program, *arguments, environment=environment)


def audit(arguments: list[str]) -> int:
    """The inventory of the packages, and what is known against them; needs network."""
    install("dev")
    program = str(ROOT / "bin" / "audits.py")
    return call(program, *arguments, environment={})


def gameday(arguments: list[str]) -> int:
    """Parts of Opus killed at random while people work, and what was lost (R29)."""
    install("dev")
    require_pango()
    return play(arguments)


def bench(arguments: list[str]) -> int:
    """Measures Opus on many offers, on servers of its own that keep them."""
    options = read_options(arguments)
    install("dev")
    program = str(ROOT / "bin" / "benchmarks.py")
    with kept_servers() as environment:
        for name in options.names:
            if code := call(program, *options.words(name), environment=environment):
                return code
    return 0


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


def interrupt(*_: object) -> None:
    """Any wish to end is one and the same."""
    raise KeyboardInterrupt


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": run,
    "test": test,
    "check": check,
    "audit": audit,
    "bench": bench,
    "gameday": gameday,
    "manage": manage,
}


def main() -> int:
    """Runs one command; what a person must mend is told without a traceback."""
    command, *arguments = sys.argv[1:]
    # Each program of ours would else compile Opus anew, and pytest its tests.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
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
