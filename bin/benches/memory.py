import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
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
    """The cost of a program: seconds, and peaks in MB.

    ``own``: its processes; ``server``: private memory of its PostgreSQL connections;
    ``shared``: shared pages that one touched; ``cpu``: processor seconds.
    """

    seconds: float = 0.0
    own_cpu: float = 0.0
    server_cpu: float = 0.0
    own: float = 0.0
    server: float = 0.0
    shared: float = 0.0

    def sample(self, pid: int, backends: Sequence[int]) -> None:
        theirs = memory_of(backends)
        shared = [memory_of([one])["RssShmem"] for one in backends]
        self.own = max(self.own, sum(memory_of(family(pid)).values()))
        self.server = max(self.server, theirs["RssAnon"] + theirs["RssFile"])
        self.shared = max(self.shared, *shared, 0.0)


def run_measured(*words: str, environment: dict[str, str]) -> tuple[Cost, str]:
    """Run a Python program that prints little; raise Failed."""
    cost, server_cpu = Cost(), dict[int, float]()
    start, cpu = time.monotonic(), cpu_of_children()
    command = [sys.executable, *words]
    process = subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    database = environment["DATABASE_URL"]
    with psycopg.connect(database, autocommit=True) as connection, process:
        while process.returncode is None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(EVERY)
            backends = [pid for (pid,) in connection.execute(BACKENDS)]
            cost.sample(process.pid, backends)
            server_cpu |= {pid: spent for pid in backends if (spent := cpu_of(pid))}
        cost.seconds = time.monotonic() - start
        text = process.stdout.read() if process.stdout else ""
    cost.own_cpu = cpu_of_children() - cpu
    cost.server_cpu = sum(server_cpu.values())
    if process.returncode:
        raise Failed(f"{' '.join(command)} failed (code {process.returncode}).")
    return cost, text


def cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cpu_of(pid: int) -> float:
    """Return its processor time, in hundredths of a second at best."""
    try:
        # The name, in parentheses, may contain anything.
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0  # It has just ended.
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            with suppress(OSError):  # It has just ended.
                found += map(int, children.read_text().split())
    return found


def memory_of(pids: Iterable[int]) -> dict[str, float]:
    """Return MB: own pages, pages of files, shared memory."""
    total = {"RssAnon": 0.0, "RssFile": 0.0, "RssShmem": 0.0}
    for pid in pids:
        with suppress(OSError):  # It has just ended.
            status = Path(f"/proc/{pid}/status").read_text()
            for name, kilobytes in PARTS.findall(status):
                total[name] += int(kilobytes) / 1024
    return total
