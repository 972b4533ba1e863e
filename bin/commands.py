"""The commands of bin/launch. Standard library only."""

# ruff: noqa: E402
import signal

# Until a command starts, Ctrl-C ends us without a traceback; bin/launch blocked it.
signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from subprocess import PIPE
from typing import Any

sys.path.append(str(Path(__file__).resolve().parent.parent))  # tests.benches

import processes
from checks.commands import SOURCES, audit, check, test
from common import MANAGE, STATE, Failed, digest, locked, run_command, say, step
from packages import RUN, install, require_pango
from processes import Process, call, start
from servers import Servers, find_postgres
from stack import (
    ADDRESSES,
    LOCK,
    demo_environment,
    feed_environment,
    lock_stack,
    read_addresses,
    wanted_port,
    write_addresses,
)

from tests.benches.command import bench
from tests.chaos.experiment import chaos

GREETING = """
Opus is ready: http://localhost:{port}   ({seconds:.1f} s)

{who}

The feed's events: {feed}

Ctrl-C stops everything. Data stay in .opus/, logs in .opus/log/."""
HOW_TO_ENTER = """

  France Travail's own people enter at http://localhost:{port}/admin/
  Password of each: Opus-demo-2026!
  Then a one-time code: the page shows it, and so does
  bin/manage demo_code conseiller.demo"""
NO_ACCOUNTS = "  No demonstration account is open here: sign in with your own."
SITE_MAY_START = "Le site peut démarrer.\n"
SENDER = [MANAGE, "simulate_feed", "--rate", "0.25", "--events", "0"]


def run(arguments: list[str]) -> int:
    """Start all of Opus with its demonstration data, until Ctrl-C.

    OPUS_PORT=8001 for another port. For other servers: REDIS_URL, and DATABASE_URL
    with OPUS_MIGRATE_URL.
    """
    started = time.monotonic()
    parser = ArgumentParser(prog="bin/run", description=run.__doc__)
    help_ = "offers come and go, as in France Travail's feed"
    parser.add_argument("--vivant", action="store_true", help=help_)
    is_alive = parser.parse_args(arguments).vivant
    parts: dict[str, Process] = {}
    with lock_stack(), ExitStack() as at_the_end:
        port = wanted_port()
        install(RUN)
        require_pango()
        servers = Servers(STATE)
        at_the_end.callback(servers.stop)
        at_the_end.callback(processes.stop, parts)
        environment = demo_environment() | servers.addresses
        environment |= {"OPUS_PORT": str(port), "OPUS_BIND": f"127.0.0.1:{port}"}
        environment |= feed_environment() if is_alive else {}
        # None of the parts knows the owner of the tables.
        known = {k: v for k, v in environment.items() if k != "OPUS_MIGRATE_URL"}
        words_of = processes.parts_of() | ({"sender": SENDER} if is_alive else {})
        starters = {
            name: partial(start, name, *words, environment=known)
            for name, words in words_of.items()
        }
        words = ("prepare", MANAGE, "prepare", "--after-input")
        pipes: dict[str, Any] = {"stdin": PIPE, "stdout": PIPE}
        # It loads Django while the servers start.
        parts["prepare"] = start(*words, environment=environment, **pipes)
        servers.start()
        accounts = start_site(parts, starters["web"])
        processes.wait_for_site(port, parts)
        # The parts that no first page waits for.
        parts |= {name: starters[name]() for name in starters if name != "web"}
        write_addresses(port, environment)
        accounts += HOW_TO_ENTER.format(port=port) if accounts else NO_ACCOUNTS
        feed, seconds = environment["OPUS_FEED_BIND"], time.monotonic() - started
        say(GREETING.format(port=port, seconds=seconds, who=accounts, feed=feed))
        processes.keep(parts, servers.processes, starters | servers.starters)
    return 0


def start_site(parts: dict[str, Process], start_web: Callable[[], Process]) -> str:
    """Start web once its data are there; return the demonstration's accounts."""
    stamp, today = STATE / "prepared", digest(*SOURCES, "static/**/*", "opus/apps.py")
    is_later_start = stamp.exists() and stamp.read_text() == today
    with step("Preparing the data"):
        prepare: Any = parts["prepare"]
        prepare.stdin.close()
        # Its first line says that the tables and files are there.
        if is_later_start or prepare.stdout.readline():
            parts["web"] = start_web()
        report = prepare.stdout.read().decode()
        accounts: str = report.rpartition(SITE_MAY_START)[2].rstrip()
        if parts.pop("prepare").wait():
            raise Failed("Opus could not prepare its data: read .opus/log/prepare.log")
    stamp.write_text(today)
    return accounts


def manage(arguments: list[str]) -> int:
    """Run manage.py on the servers of bin/run, or of .opus.

    bin/manage help lists its commands; bin/manage help COMMAND explains one.
    """
    if arguments[:1] in ([], ["-h"], ["--help"]):
        say(f"usage: bin/manage COMMAND [words]\n\n{manage.__doc__}")
        return 0
    install(RUN)
    tenths = 0
    while True:
        try:
            with locked(LOCK, wait=False):
                ADDRESSES.unlink(missing_ok=True)  # Left by a run that was killed.
                return manage_alone(arguments)
        except BlockingIOError:
            if ADDRESSES.exists():
                return call_manage(arguments, read_addresses()["environment"])
            tenths += 1
            if tenths == 20:
                print("Waiting for another command of bin/…", file=sys.stderr)
            time.sleep(0.1)


def manage_alone(arguments: list[str]) -> int:
    servers = Servers(STATE)
    try:
        environment = demo_environment() | servers.start()
        # A command before the first whole bin/run needs the tables too.
        made = STATE / "postgres" / "tables"
        if servers.postgres and not made.exists():
            if code := processes.make_tables(environment):
                return code
            made.touch()
        return call_manage(arguments, environment)
    finally:
        servers.stop()


def call_manage(arguments: list[str], environment: dict[str, str]) -> int:
    """Run manage.py in the caller's folder, with psql on PATH."""
    path = {"PATH": f"{os.environ['PATH']}:{find_postgres()}"}
    return call(MANAGE, *arguments, environment=environment | path)


COMMANDS = {
    one.__name__: one for one in (run, test, check, manage, bench, chaos, audit)
}

if __name__ == "__main__":
    run_command(COMMANDS[sys.argv[1]], sys.argv[2:])
