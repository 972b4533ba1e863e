import os
import re
import resource
import subprocess
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from common import ROOT, Failed

EVERY = 0.2  # seconds
PARTS = re.compile(r"^(RssAnon|RssFile|RssShmem):\s+(\d+) kB", re.MULTILINE)
BACKENDS = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(slots=True)
class Cost:
    """The cost of a command; memory: peak MB, 0 if unknown.

    ``own``: its processes; ``server``: private memory of its PostgreSQL connections;
    ``shared``: shared pages that one touched; ``cpu``: processor seconds.
    """

    seconds: float = 0.0
    own_cpu: float = 0.0
    server_cpu: float = 0.0
    own: float = 0.0
    server: float = 0.0
    shared: float = 0.0

    @property
    def memory(self) -> float:
        """Return the memory without shared pages."""
        return self.own + self.server


def run_measured(
    command: Sequence[str], *, environment: Mapping[str, str], output: int | None = None
) -> tuple[Cost, str]:
    """Run a program; raise Failed if it fails."""
    start, cpu = time.monotonic(), cpu_of_children()
    process = subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=output, text=True
    )
    with Watch(process.pid, environment["DATABASE_URL"]) as watch:
        text, _ = process.communicate()
    watch.cost.seconds = time.monotonic() - start
    watch.cost.own_cpu = cpu_of_children() - cpu
    if process.returncode:
        raise Failed(f"{' '.join(command)} failed (code {process.returncode}).")
    return watch.cost, text or ""


def cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Watch:
    """Samples a process, its children and its connections until it ends."""

    def __init__(self, pid: int, database: str) -> None:
        self.pid = pid
        self.database = database
        self.cost = Cost()
        self.cpu: dict[int, float] = {}
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.look_again_and_again)

    def __enter__(self) -> "Watch":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()

    def look_again_and_again(self) -> None:
        with psycopg.connect(self.database, autocommit=True) as connection:
            while not self.over.wait(EVERY):
                backends = [pid for (pid,) in connection.execute(BACKENDS)]
                self.look(backends)

    def look(self, backends: Sequence[int]) -> None:
        own = memory_of(family(self.pid))
        theirs = memory_of(backends)
        self.cpu |= {pid: seconds for pid in backends if (seconds := cpu_of(pid))}
        self.cost.server_cpu = sum(self.cpu.values())
        worst = self.cost
        worst.own = max(worst.own, sum(own.values()))
        worst.server = max(worst.server, theirs["RssAnon"] + theirs["RssFile"])
        worst.shared = max(
            worst.shared, *(memory_of([pid])["RssShmem"] for pid in backends), 0.0
        )


def cpu_of(pid: int) -> float:
    try:
        # The name, in parentheses, may contain anything.
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0  # It has just ended.
    ticks: int = os.sysconf("SC_CLK_TCK")
    return (int(words[11]) + int(words[12])) / ticks


def family(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += map(int, children.read_text().split())
            except OSError:
                continue  # It has just ended.
    return found


def memory_of(pids: Iterable[int]) -> dict[str, float]:
    """Return the MB of processes: own pages, pages of files, shared memory."""
    total = {"RssAnon": 0.0, "RssFile": 0.0, "RssShmem": 0.0}
    for pid in pids:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue  # It has just ended.
        for name, kilobytes in PARTS.findall(status):
            total[name] += int(kilobytes) / 1024
    return total
