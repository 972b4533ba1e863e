"""Measure files (P4): load a million offers, compare them again.

Each step is a command on a copy: the same file, 5 % changed, 5 % missing, all again,
half missing (refused). Last, how long a live event waits beside one of them.
"""

import gzip
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from common import MANAGE, Failed, step

from demo.synthetic.sender import Sender
from tests.benches.command import BENCH
from tests.benches.feed import event
from tests.benches.measures import (
    Cost,
    Table,
    percentiles,
    print_heading,
    run_measured,
    since,
)
from tests.benches.million import Million
from tests.benches.site import Site, site

# One offer in twenty: 5 %.
ONE_IN = 20
EVENTS = 200
EVENTS_EVERY = 0.1  # seconds
ACTIVE = "SELECT reference FROM offers_offer WHERE state = 'active'"
Edit = Callable[[int, bytes], bytes]


def run(million: Million) -> None:
    print_heading(f"Snapshot of {million.offers:,} offers")
    costs = Table(
        *("file", "s", "offers/s", "own CPU s", "server CPU s"),
        *("own MB", "server MB", "shared MB", "result"),
    )
    waits = Table("a live event waits, while…", "events", "p50 ms", "p95", "p99", "max")
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
        with edited(
            million, "Leaving half out", lambda n, line: b"" if n % 2 else line
        ) as file:
            refuse(file, environment)
        with (
            edited(million, "Changing some, leaving some out", change_and_lack) as file,
            site(environment) as opus,
        ):
            events = Events(opus, environment)
            with step("Events, nothing else going on"):
                waits.add("nothing else", *events.post(min(EVENTS, offers // 10)))
            with events.posted_meanwhile() as figures:
                take_snapshot(file, environment)
            waits.add("5 % are changed and 5 % withdrawn", *figures)
    costs.print()
    waits.print()


def take_snapshot(file: Path, environment: dict[str, str]) -> tuple[Cost, str]:
    words = (MANAGE, "import_offers", "--snapshot", str(file))
    cost, text = run_measured(*words, environment=environment)
    figures = dict(line.split()[:2] for line in text.splitlines())
    written = ("created", "updated", "unchanged", "withdrawn")
    return cost, ", ".join(
        f"{int(figures[key]):,} {key}" for key in written if figures[key] != "0"
    )


def refuse(file: Path, environment: dict[str, str]) -> None:
    """Import half of the offers; raise Failed if accepted."""
    with step("Guard: a file that lacks half"):
        words = [sys.executable, MANAGE, "import_offers", "--snapshot", str(file)]
        command = [*words, "--verbosity", "0"]
        result = subprocess.run(command, env=environment, capture_output=True)
    if result.returncode == 0:
        raise Failed("A snapshot that lacks half of the offers was not refused.")


def add(table: Table, what: str, offers: int, cost: Cost, result: str) -> None:
    seconds, *others = astuple(cost)
    table.add(what, seconds, offers / seconds, *others, result)


# --- Events --------------------------------------------------------------------------


class Events:
    def __init__(self, opus: Site, environment: dict[str, str]) -> None:
        self.sender = Sender(opus.url, opus.feed_secret)
        with psycopg.connect(environment["DATABASE_URL"]) as reader:
            rows = reader.execute(ACTIVE)
            self.numbers = [number for (number,) in rows]
        random.Random(1).shuffle(self.numbers)
        self.over = threading.Event()

    def post(self, most: int) -> tuple[float, ...]:
        waits: list[float] = []
        while len(waits) < most and self.numbers and not self.over.is_set():
            start = time.perf_counter()
            self.sender.send([event("suspendue", {}, self.numbers.pop())])
            waits.append(since(start))
            self.over.wait(EVENTS_EVERY)
        return (len(waits), *percentiles(waits), max(waits))

    @contextmanager
    def posted_meanwhile(self) -> Iterator[list[float]]:
        """Yield a list of figures, filled when the block ends."""
        figures: list[float] = []
        with ThreadPoolExecutor(1) as pool:
            posted = pool.submit(self.post, len(self.numbers))
            try:
                yield figures
            finally:
                self.over.set()
                figures += posted.result()


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


def change_and_lack(number: int, line: bytes) -> bytes:
    return change(number, leave_out(number, line))
