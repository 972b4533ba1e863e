"""Tables of figures, and the machine they come from."""

import math
import os
import platform
import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from common import ROOT, say
from django.db import connection

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
