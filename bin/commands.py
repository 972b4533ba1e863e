"""The commands of bin/: each starts the servers that it needs, then stops them.

Called by bin/launch. Standard library only: it runs before any package is there.
"""

import os
import shutil
import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable

import processes
from common import MANAGE, PREPARE, ROOT, STATE, Failed, locked, run_command, say
from environments import demo_environment, feed_environment
from packages import DEV, RUN, install, require_pango
from ports import loopback, wanted_port
from postgres import find_postgres
from processes import call, start
from servers import Servers
from stack_lock import ADDRESSES, LOCK, lock_stack, read_addresses, write_addresses
from test_servers import throw_away_servers

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
CHROMIUMS = (
    *("chromium", "chromium-browser"),
    *("google-chrome", "google-chrome-stable"),
)


def parser_of(command: Callable[[list[str]], int], usage: str = "") -> ArgumentParser:
    """Return a parser whose help is the docstring of the command."""
    return ArgumentParser(
        prog=f"bin/{command.__name__}",
        usage=usage or None,
        description=command.__doc__,
        formatter_class=RawDescriptionHelpFormatter,
    )


def run(arguments: list[str]) -> int:
    """Start all of Opus with its demonstration data, until Ctrl-C.

    OPUS_PORT=8001 for another port; DATABASE_URL and REDIS_URL for other servers.
    """
    started = time.monotonic()
    parser = parser_of(run)
    help_ = "offers come and go, as in France Travail's feed"
    parser.add_argument("--vivant", action="store_true", help=help_)
    is_alive = parser.parse_args(arguments).vivant
    try:
        with lock_stack():
            port = wanted_port()
            bind = loopback(port)
            install(RUN)
            require_pango()
            environment = demo_environment()
            environment |= {"OPUS_PORT": str(port), "OPUS_BIND": ",".join(bind)}
            environment |= feed_environment() if is_alive else {}
            run_until_stopped(port, environment, started, is_alive=is_alive)
    except KeyboardInterrupt:
        say("Stopped.")
    return 0


def run_until_stopped(
    port: int, environment: dict[str, str], started: float, *, is_alive: bool
) -> None:
    """Start servers and parts, in the order that shows the first page soonest."""
    servers = Servers(STATE)
    parts: dict[str, processes.Process] = {}
    try:
        environment |= servers.start()
        reading, writing = os.pipe()
        parts["prepare"] = start(
            *("prepare", PREPARE, "--report", str(writing)),
            environment=environment,
            stdout=None,
            pass_fds=[writing],
        )
        os.close(writing)
        with os.fdopen(reading) as report:
            if report.readline():
                parts["web"] = start("web", *processes.WEB, environment=environment)
            accounts = report.read().split()
        if parts.pop("prepare").wait():
            raise Failed("Opus could not prepare its data: read .opus/log/prepare.log")
        parts["worker"] = start("worker", *processes.WORKER, environment=environment)
        parts["feed"] = start("feed", *processes.FEED, environment=environment)
        parts["beat"] = start("beat", *processes.beat(), environment=environment)
        processes.wait_for_first_page(port, parts)
        write_addresses(port, environment)
        if is_alive:
            words = ("simulate_feed", "--rate", "0.25", "--events", "0", "-v", "0")
            parts["simulator"] = start(
                "simulator", MANAGE, *words, environment=environment
            )
        seconds = time.monotonic() - started
        say(greeting(port, seconds, accounts, environment["OPUS_FEED_BIND"]))
        processes.watch(parts | servers.processes)
    finally:
        ADDRESSES.unlink(missing_ok=True)
        processes.stop(parts)
        servers.stop()


def greeting(port: int, seconds: float, accounts: list[str], feed: str) -> str:
    """Return what a person reads once it runs: the accounts that exist, no other."""
    there = [name for name in ACCOUNTS if name in accounts]
    lines = [f"  {name:16}  {ACCOUNTS[name].format(port=port)}" for name in there]
    if there:
        lines.append(HOW_TO_ENTER.format(first=there[0]))
    return GREETING.format(
        port=port,
        seconds=seconds,
        accounts="\n".join(lines or [NO_ACCOUNTS]),
        feed=feed,
    )


def test(arguments: list[str]) -> int:
    """Run the test suite on servers of its own; all other words are pytest's.

    For instance: bin/test tests/offers -k macon -n 0
    OPUS_REQUIRE_BROWSER=1 makes it an error that no Chromium is found.
    """
    if arguments[:1] in (["-h"], ["--help"]):
        parser_of(test, "bin/test [words of pytest]").print_help()
        return 0
    install(DEV)
    require_pango()
    if chromium := find_chromium():
        os.environ["OPUS_CHROMIUM"] = chromium
    elif os.environ.get("OPUS_REQUIRE_BROWSER") == "1":
        raise Failed(
            "No Chromium: type apt-get install chromium, or set OPUS_CHROMIUM."
        )
    else:
        say("No Chromium found, so the browser tests are left out.")
    # A process that has done its share continues with another's.
    words = ["-n", "logical", "--dist", "worksteal"]
    if "DATABASE_URL" not in os.environ:
        words.append("--reuse-db")  # The tables are there: see db_template.py.
    with throw_away_servers(with_tables=True) as environment:
        words = ["-m", "pytest", *words, *arguments]
        return call(*words, environment=environment, cwd=ROOT)


def find_chromium() -> str | None:
    """Return the program that drives the browser tests, if this machine has one."""
    named = os.environ.get("OPUS_CHROMIUM")
    return next(filter(None, map(shutil.which, [named] if named else CHROMIUMS)), None)


def check(arguments: list[str]) -> int:
    """Check all that needs no test: types, style, imports, templates, migrations."""
    parser = parser_of(check)
    help_ = "first correct what the tools can correct"
    parser.add_argument("--fix", action="store_true", help=help_)
    parser.parse_args(arguments)
    install(DEV)
    program = str(ROOT / "bin" / "checks.py")
    with throw_away_servers() as environment:
        return call(program, *arguments, environment=environment)


def manage(arguments: list[str]) -> int:
    """Run manage.py on the servers of bin/run, or on those of .opus meanwhile.

    bin/manage help lists its commands; bin/manage help COMMAND explains one.
    """
    if arguments[:1] in ([], ["-h"], ["--help"]):
        parser_of(manage, "bin/manage COMMAND [words]").print_help()
        return 0
    install(RUN)
    while True:
        try:
            with locked(LOCK, wait=False):
                return manage_alone(arguments)
        except BlockingIOError:
            if ADDRESSES.exists():
                return call_manage(arguments, read_addresses()["environment"])
            time.sleep(0.1)  # Another command is starting or stopping.


def manage_alone(arguments: list[str]) -> int:
    """Run manage.py on the servers of .opus, started for it."""
    servers = Servers(STATE)
    try:
        environment = demo_environment() | servers.start()
        # A command before the first bin/run needs the tables too.
        if servers.has_new_cluster and (
            code := call(PREPARE, "--tables-only", environment=environment)
        ):
            return code
        return call_manage(arguments, environment)
    finally:
        servers.stop()


def call_manage(arguments: list[str], environment: dict[str, str]) -> int:
    """Run manage.py in the caller's folder; its dbshell finds psql on PATH."""
    path = {"PATH": f"{os.environ['PATH']}:{find_postgres()}"}
    return call(MANAGE, *arguments, environment=environment | path)


COMMANDS = {"run": run, "test": test, "check": check, "manage": manage}

if __name__ == "__main__":
    run_command(COMMANDS[sys.argv[1]], sys.argv[2:])
