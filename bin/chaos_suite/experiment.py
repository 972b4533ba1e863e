"""The game day (R29): parts killed while people work.

It runs on temporary servers as durable as those of bin/run. A workload makes acts and
reads pages; at the end it checks that all acknowledged work is stored, printed, sent
and sound. Standard library only.
"""

import os
import random
import signal
import subprocess
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from common import MANAGE, PYTHON, ROOT, Failed, locked, say, step
from environments import demo_environment
from packages import DEV, install, require_pango
from ports import free_port
from processes import Process, parts_of, start, status, stop
from servers import Servers

GAME = ROOT / ".opus-chaos"
PARTS = ("web", "worker", "beat", "valkey", "postgres")
QUIET = (1.0, 4.0)  # seconds between two kills
DEAD = (0.2, 3.0)  # seconds before the part is started again, as a supervisor would


@dataclass
class Game:
    """The parts of one Opus by name."""

    servers: Servers
    environment: dict[str, str]
    port: int
    parts: dict[str, Process] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0
    is_lost: bool = False

    def start(self, name: str) -> None:
        if words := parts_of(GAME).get(name):
            command = (name, *words)
            self.parts[name] = start(*command, environment=self.environment, state=GAME)
        else:
            self.start_server(name)

    def start_server(self, name: str) -> str:
        """Start PostgreSQL after all processes of the killed one end."""
        deadline = time.monotonic() + 10
        starter = getattr(self.servers, f"start_{name}")
        while True:
            try:
                return starter()
            except Failed:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def kill(self, name: str, dead_for: float) -> None:
        process = (self.parts | self.servers.processes)[name]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        gone = time.monotonic()
        time.sleep(dead_for)
        self.start(name)
        self.wait()
        self.kills[name] += 1
        self.longest = max(self.longest, time.monotonic() - gone)

    def wait(self) -> None:
        deadline = time.monotonic() + 60
        while status(self.port, "/readyz") != 200:
            if time.monotonic() > deadline:
                raise Failed(f"Opus did not come back within 60 s: read {GAME}/log/")
            time.sleep(0.1)


def read_options(arguments: list[str]) -> Namespace:
    parser = ArgumentParser(prog="bin/chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=180, help="how long (180)")
    parser.add_argument("--seed", type=int, help="the same kills as that time")
    return parser.parse_args(arguments)


def chaos(arguments: list[str]) -> int:
    options = read_options(arguments)
    install(DEV)
    require_pango()
    seed = time.time_ns() % 10_000 if options.seed is None else options.seed
    with game() as opus:
        report = GAME / "workload.json"
        workload = start(
            "workload",
            *("-m", "chaos_suite.workload", str(opus.port), str(report)),
            environment=opus.environment,
            state=GAME,
            stdout=None,
            cwd=ROOT / "bin",
        )
        while not report.exists():
            if workload.poll() is not None:
                raise Failed(f"The workload did not start: read {GAME}/log/")
            time.sleep(0.1)
        say(f"  Killing for {options.seconds:.0f} s, seed {seed}")
        strike(opus, options.seconds, random.Random(seed))  # noqa: S311
        kills = ", ".join(f"{name} {opus.kills[name]}" for name in PARTS)
        say(f"  Killed: {kills}; longest without a part {opus.longest:.1f} s")
        workload.send_signal(signal.SIGTERM)
        if code := workload.wait():
            opus.is_lost = True
            say(f"  Lost (code {code}): the logs stay in {GAME}/log/")
        return code


def strike(opus: Game, seconds: float, chance: random.Random) -> None:
    """Kill each part in turn, at least once."""
    end = time.monotonic() + seconds
    waiting = list(PARTS)
    chance.shuffle(waiting)
    while waiting or time.monotonic() < end:
        time.sleep(chance.uniform(*QUIET))
        name = waiting.pop() if waiting else chance.choice(PARTS)
        opus.kill(name, chance.uniform(*DEAD))


@contextmanager
def game() -> Iterator[Game]:
    """Run Opus with empty tables on a free port."""
    with locked(GAME.with_suffix(".lock")):
        servers = Servers(GAME)
        servers.remove()
        port = free_port()
        address = {"OPUS_PORT": str(port), "OPUS_BIND": f"127.0.0.1:{port}"}
        opus = Game(servers, demo_environment(GAME) | address, port)
        try:
            opus.environment |= servers.start()
            with step("Making the tables"):
                subprocess.run(
                    [PYTHON, MANAGE, "prepare", "--without-demo"],
                    env=os.environ | opus.environment,
                    stdout=subprocess.DEVNULL,
                    check=True,
                )
            opus.environment.pop("OPUS_MIGRATE_URL")  # No part knows the owner.
            for name in ("web", "worker", "beat"):
                opus.start(name)
            opus.wait()
            yield opus
        finally:
            stop(opus.parts)
            servers.stop()
            if not opus.is_lost:
                servers.remove()
            GAME.with_suffix(".lock").unlink(missing_ok=True)
