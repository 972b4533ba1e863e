"""Measure files (P4): load a million offers, compare them again.

Each step is a command on a copy: the same file, 5 % changed, 5 % missing, all again.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from common import MANAGE, step

from tests.benches.command import BENCH
from tests.benches.measures import Cost, Table, print_heading, run_measured
from tests.benches.million import Million

# One offer in twenty: 5 %.
ONE_IN = 20
Edit = Callable[[int, bytes], bytes]


def run(million: Million) -> None:
    print_heading(f"Snapshot of {million.offers:,} offers")
    costs = Table(
        *("file", "s", "offers/s", "own CPU s", "server CPU s"),
        *("own MB", "server MB", "shared MB", "result"),
    )
    offers = million.offers
    add(costs, f"first load ({million.made_on})", offers, million.first_load, "")
    with million.copy("snapshot") as environment:

        def import_one(what: str, file: Path) -> None:
            add(costs, what, offers, *take_snapshot(file, environment))

        import_one("the same again", million.file)
        with edited(million, "Changing one in twenty", change) as file:
            import_one("5 % changed", file)
        with edited(million, "Leaving one in twenty out", leave_out) as file:
            import_one("5 % withdrawn", file)
        import_one("all back", million.file)
    costs.print()


def take_snapshot(file: Path, environment: dict[str, str]) -> tuple[Cost, str]:
    words = (MANAGE, "import_offers", "--snapshot", str(file))
    cost, text = run_measured(*words, environment=environment)
    figures = dict(line.split()[:2] for line in text.splitlines())
    written = ("created", "updated", "unchanged", "withdrawn")
    return cost, ", ".join(
        f"{int(figures[key]):,} {key}" for key in written if figures[key] != "0"
    )


def add(table: Table, what: str, offers: int, cost: Cost, result: str) -> None:
    seconds, *others = astuple(cost)
    table.add(what, seconds, offers / seconds, *others, result)


# --- Edited files --------------------------------------------------------------------


@contextmanager
def edited(million: Million, what: str, edit: Edit) -> Iterator[Path]:
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
    if number % ONE_IN:
        return line
    offer: dict[str, Any] = json.loads(line)
    offer["description"] += "\nPoste à pourvoir rapidement."
    offer["dateActualisation"] = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps(offer, ensure_ascii=False).encode() + b"\n"


def leave_out(number: int, line: bytes) -> bytes:
    return b"" if number % ONE_IN == 1 else line
