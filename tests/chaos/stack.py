"""The parts of one Opus, as in production, and how each is killed or frozen.

Standard library only. ``processes.keep``, the supervisor of bin/run, starts again what
dies.
"""

import email
import json
import os
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from socketserver import StreamRequestHandler, ThreadingTCPServer

from common import ROOT, Failed
from processes import MOST_STARTS, Process, parts_of, start, status
from servers import Servers

CHAOS = ROOT / ".opus-chaos"
PARTS = ("web", "feed", "worker", "beat", "valkey", "postgres")
KILLED, FROZEN = "killed", "frozen"
QUIET = (0.5, 2.5)  # seconds between two strikes
LASTS = (1.0, 9.0)  # seconds of a freeze: beyond what a page waits for PostgreSQL
COMES_BACK_WITHIN = 90.0  # seconds


@dataclass
class Stack:
    servers: Servers
    environment: dict[str, str]
    ports: dict[str, int]
    parts: dict[str, Process] = field(default_factory=dict)
    problem: str = ""

    @property
    def starters(self) -> dict[str, Callable[[], Process]]:
        known = {k: v for k, v in self.environment.items() if k != "OPUS_MIGRATE_URL"}
        ours = {
            name: partial(start, name, *words, environment=known, state=CHAOS)
            for name, words in parts_of(CHAOS).items()
        }
        return ours | self.servers.starters

    def start(self) -> None:
        starters = self.starters
        for name in parts_of(CHAOS):
            self.parts[name] = starters[name]()
        for name in ("web", "feed", "postgres"):
            self.wait_for(name)

    def process_of(self, name: str) -> Process:
        return (self.parts | self.servers.processes)[name]

    def wait_for(self, name: str, before: Process | None = None) -> None:
        """Wait until a part works again, started by the supervisor or woken."""
        deadline = time.monotonic() + COMES_BACK_WITHIN
        while self.process_of(name) is before or not self.works(name):
            if time.monotonic() > deadline:
                raise Failed(f"{name} was not back within {COMES_BACK_WITHIN:.0f} s")
            time.sleep(0.1)

    def works(self, name: str) -> bool:
        if name in {"web", "feed"}:
            return status(self.ports[name], "/livez") == 200
        if name == "postgres":
            return status(self.ports["web"], "/readyz") == 200
        return self.process_of(name).poll() is None


@dataclass
class Striker:
    """Kills and freezes each part at least once, in an order drawn from the seed."""

    stack: Stack
    chance: Random
    outages: Path
    killed: defaultdict[str, list[float]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def strike_for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        wanted = [(part, how) for part in PARTS for how in (KILLED, FROZEN)]
        self.chance.shuffle(wanted)
        while wanted or time.monotonic() < until:
            time.sleep(self.chance.uniform(*QUIET))
            part, how = wanted.pop() if wanted else self.draw()
            self.strike(part, how)

    def draw(self) -> tuple[str, str]:
        part, how = self.chance.choice(PARTS), self.chance.choice((KILLED, FROZEN))
        lately = [at for at in self.killed[part] if at > time.monotonic() - 70]
        # One more death in a minute, and the supervisor rightly gives up.
        return part, FROZEN if len(lately) >= MOST_STARTS else how

    def strike(self, part: str, how: str) -> None:
        process = self.stack.process_of(part)
        begun = time.monotonic()
        if how == KILLED:
            self.killed[part].append(begun)
            # The first process alone, or all that it had started, as a machine does.
            alone = self.chance.random() < 0.5
            for pid in [process.pid] if alone else family_of(process.pid):
                send_signal(pid, signal.SIGKILL)
            self.stack.wait_for(part, before=process)
        else:
            frozen = family_of(process.pid)
            for pid in frozen:
                send_signal(pid, signal.SIGSTOP)
            time.sleep(self.chance.uniform(*LASTS))
            for pid in frozen:
                send_signal(pid, signal.SIGCONT)
            self.stack.wait_for(part)
        outage = {"part": part, "how": how, "begun": begun, "ended": time.monotonic()}
        with self.outages.open("a") as file:
            file.write(f"{json.dumps(outage)}\n")


def family_of(pid: int) -> list[int]:
    """Return a process and all that it started, itself first."""
    children = defaultdict(list)
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            words = entry.read_text().rpartition(")")[2].split()
            children[int(words[1])].append(int(entry.parent.name))
    found = [pid]
    for one in found:
        found += children[one]
    return found


def send_signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def in_thread(work: Callable[[], None], stack: Stack) -> None:
    """Start it; what it raises is the stack's problem."""

    def run() -> None:
        try:
            work()
        except Failed as failure:
            stack.problem = str(failure)

    threading.Thread(target=run, daemon=True).start()


@dataclass
class Received:
    """When each letter arrived, by its own number (``time.monotonic``)."""

    at: dict[str, list[float]] = field(default_factory=dict)

    def add(self, number: str) -> None:
        self.at.setdefault(number, []).append(time.monotonic())


class MailServer(ThreadingTCPServer):
    """SMTP as far as Opus speaks it, without TLS, on this machine."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, received: Received) -> None:
        super().__init__(("127.0.0.1", port), Mailbox)
        self.received = received


class Mailbox(StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say("220 mail server")
        while line := self.rfile.readline():
            match line.split(maxsplit=1)[0].upper() if line.strip() else b"":
                case b"DATA":
                    self.say("354 go on")
                    # Acknowledged once it is kept: as a mail server must.
                    message = email.message_from_bytes(self.read_message())
                    number, _, _ = str(message["Message-ID"]).partition("@")
                    self.server.received.add(number.strip("<"))
                    self.say("250 kept")
                case b"QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 well")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def read_message(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) and line != b".\r\n":
            lines.append(line)
        return b"".join(lines)


class WebhookServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, received: Received) -> None:
        super().__init__(("127.0.0.1", port), Webhooks)
        self.received = received


class Webhooks(BaseHTTPRequestHandler):
    server: WebhookServer

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.add(self.headers["webhook-id"])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Write nothing to the screen."""


def open_sinks(mail_port: int, webhook_port: int) -> Received:
    """Open both; return what they will have received."""
    received = Received()
    servers = MailServer(mail_port, received), WebhookServer(webhook_port, received)
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    return received
