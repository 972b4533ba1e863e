"""Figures, their tables, the machine they come from; memory, processor, the printer."""

import logging
import math
import os
import platform
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
from common import ROOT, Failed, say
from django.db import connection

from opus.lib.documents import pdf
from tests.chaos.stack import family_of

SETTINGS = ["shared_buffers", "work_mem", "fsync", "synchronous_commit"]


class Table:
    def __init__(self, *headings: str) -> None:
        self.rows: list[list[str]] = [list(headings)]

    def add(self, *cells: object) -> None:
        self.rows.append([in_words(cell) for cell in cells])

    def print(self) -> None:
        widths = [max(map(len, column)) for column in zip(*self.rows, strict=True)]
        first, *others = self.rows
        # Names to the left, figures to the right.
        rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
        for row in (first, rule, *others):
            cells = map(str.rjust, row[1:], widths[1:])
            say(f"| {' | '.join([row[0].ljust(widths[0]), *cells])} |")
        say("")


def in_words(cell: object) -> str:
    """Format a figure with three significant digits."""
    if not isinstance(cell, (int, float)) or isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float) and abs(cell) < 100:
        digits = 0 if cell == 0 else max(0, 2 - math.floor(math.log10(abs(cell))))
        return f"{cell:.{min(digits, 3)}f}"
    return f"{cell:,.0f}".replace(",", " ")


def percentile(values: Sequence[float], share: float) -> float:
    """Return a percentile (0 to 100). Raises ValueError without values."""
    if not values:
        raise ValueError("no value was measured")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered) / 100) - 1)]


def percentiles(values: Sequence[float]) -> tuple[float, float, float]:
    return percentile(values, 50), percentile(values, 95), percentile(values, 99)


def since(start: float) -> float:
    """Return the milliseconds since a ``perf_counter`` time."""
    return 1_000 * (time.perf_counter() - start)


def print_heading(title: str) -> None:
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    shown = ["server_version", *SETTINGS]
    columns = ", ".join(f"current_setting('{name}')" for name in shown)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}")
        version, *values = cursor.fetchone()
    version = version.partition(" ")[0]
    pairs = zip(SETTINGS, values, strict=True)
    settings = ", ".join(f"{name} {value}" for name, value in pairs)
    say(f"\n## {title}\n")
    say(f"{time.strftime('%d %B %Y, %H:%M')}, commit {commit()}")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    say(f"{os.cpu_count()} cores ({processor()}), {memory:,} MB,")
    say(f"load {load} before the first figure")
    say(f"Python {platform.python_version()}, PostgreSQL {version}: {settings}\n")


def commit() -> str:
    answer = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return answer.stdout.strip() or "unknown"


def processor() -> str:
    text = Path("/proc/cpuinfo").read_text()
    found = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    return found[1] if found else platform.machine()


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
        self.own = max(self.own, sum(memory_of(family_of(pid)).values()))
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


def memory_of(pids: Iterable[int]) -> dict[str, float]:
    """Return MB: own pages, pages of files, shared memory."""
    total = {"RssAnon": 0.0, "RssFile": 0.0, "RssShmem": 0.0}
    for pid in pids:
        with suppress(OSError):  # It has just ended.
            status = Path(f"/proc/{pid}/status").read_text()
            for name, kilobytes in PARTS.findall(status):
                total[name] += int(kilobytes) / 1024
    return total


STYLE = Path(ROOT, "offers", "page", "print", "paper.css")


def print_one(page: str) -> int:
    logging.disable()
    content, _ = pdf.print_pdf(page, STYLE)
    return len(content)
