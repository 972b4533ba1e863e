"""Files (P4): what it costs to load a million offers, and to compare them again.

Each step is the command that an operator types, on a copy of the million: the same
file again, then one with 5 % of its offers changed, then one that lacks 5 %, then one
that lacks half, which must be refused.
"""

import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from common import Failed, step
from django.db import connection
from trials import BENCH

from benches.memory import Cost, run_measured
from benches.million import MANAGE, Million
from benches.tables import Table, print_heading

# One offer in twenty: 5 %.
ONE_IN = 20
Edit = Callable[[int, bytes], bytes]


def run(million: Million) -> None:
    print_heading(f"Snapshot of {million.offers:,} offers")
    connection.close()  # A database is not copied under an open connection.
    table = Table(
        *("file", "s", "offers/s", "own CPU s", "server CPU s"),
        *("own MB", "server MB", "shared MB", "result"),
    )
    add(table, f"first load ({million.made_on})", million, million.first_load, "")
    with million.copy("snapshot") as environment:

        def take(what: str, file: Path) -> None:
            cost, figures = take_snapshot(file, environment)
            add(table, what, million, cost, figures)

        take("the same again", million.file)
        with edited(million, "Changing one in twenty", change) as file:
            take("5 % changed", file)
        with edited(million, "Leaving one in twenty out", leave_out) as file:
            take("5 % withdrawn", file)
        take("all back", million.file)
        with edited(million, "Leaving half out", leave_half_out) as file:
            refuse(file, environment)
    table.print()


def take_snapshot(file: Path, environment: dict[str, str]) -> tuple[Cost, str]:
    """Imports a file as the whole truth: its cost, and the figures that it printed."""
    cost, text = run_measured(
        [sys.executable, MANAGE, "import_offers", "--snapshot", str(file)],
        environment=environment,
        output=subprocess.PIPE,
    )
    figures = dict(line.split()[:2] for line in text.splitlines())
    told = ("created", "updated", "unchanged", "withdrawn")
    return cost, ", ".join(
        f"{int(figures[key]):,} {key}" for key in told if figures[key] != "0"
    )


def refuse(file: Path, environment: dict[str, str]) -> None:
    """Has the guard look at a file that lacks half.

    Raises:
        Failed: it was taken for the truth.
    """
    with step("Guard: a file that lacks half"):
        words = [sys.executable, MANAGE, "import_offers", "--snapshot", str(file)]
        result = subprocess.run(
            [*words, "--verbosity", "0"], env=environment, capture_output=True
        )
    if result.returncode == 0:
        raise Failed("A snapshot that lacks half of the offers was not refused.")


def add(table: Table, what: str, million: Million, cost: Cost, figures: str) -> None:
    table.add(
        what,
        cost.seconds,
        million.offers / cost.seconds,
        cost.own_cpu,
        cost.server_cpu,
        cost.own,
        cost.server,
        cost.shared,
        figures,
    )


# --- Edited files --------------------------------------------------------------------


@contextmanager
def edited(million: Million, what: str, edit: Edit) -> Iterator[Path]:
    """The file of the million with some lines changed or left out."""
    path = BENCH / "snapshot.jsonl.gz"
    try:
        with (
            step(what),
            gzip.open(million.file) as lines,
            gzip.open(path, "wb", compresslevel=1) as file,
        ):
            for number, line in enumerate(lines):
                file.write(edit(number, line))
        yield path
    finally:
        path.unlink(missing_ok=True)


def change(number: int, line: bytes) -> bytes:
    """Another description, of this minute."""
    if number % ONE_IN:
        return line
    offer: dict[str, Any] = json.loads(line)
    offer["description"] += "\nPoste à pourvoir rapidement."
    offer["dateActualisation"] = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps(offer, ensure_ascii=False).encode() + b"\n"


def leave_out(number: int, line: bytes) -> bytes:
    return b"" if number % ONE_IN == 1 else line


def leave_half_out(number: int, line: bytes) -> bytes:
    return b"" if number % 2 else line
