"""The work of one seed of bin/chaos, and its verdict: ``workload SEED PLAN SLOWNESS``.

``PLAN``: a JSON file of ports, a secret and paths. It starts before the parts, so that
each letter is received. It makes the file *ready* once all have signed in, works
until SIGTERM, then reads the outages and writes its report.
"""

import json
import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from tests.chaos import verdict
from tests.chaos.pages import Book
from tests.chaos.people import Adviser, Done, Reader, Sender
from tests.chaos.stack import Received, open_sinks
from tests.chaos.verdict import Outage, Rows

# Two accounts that make acts; a third that may only search.
MEMBERS: dict[str, type[Adviser | Reader]] = {
    "conseiller.demo": Adviser,
    "rgc.demo": Adviser,
    "collines.demo": Reader,
}


def main(seed: str, plan_file: str, slowness: str) -> int:
    verdict.allow(float(slowness))
    plan, since = json.loads(Path(plan_file).read_text()), datetime.now(UTC)
    book, done = Book(), Done()
    signal.signal(signal.SIGTERM, lambda *_: book.over.set())
    arrived = open_sinks(plan["mail"], plan["webhooks"])
    members = [
        kind(plan["web"], book, done, name, Random(f"{seed} {name}"))
        for name, kind in MEMBERS.items()
    ]
    chance = Random(f"{seed} feed")
    sender = Sender(plan["feed"], book, done, plan["secret"], chance)
    for member in members:
        member.sign_in()
    book.sent.clear()  # Nobody was there yet.
    Path(plan["ready"]).touch()
    workers = [
        threading.Thread(target=one.work, args=[one.act]) for one in [sender, *members]
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    lines = Path(plan["outages"]).read_text().splitlines()
    outages = [Outage(**json.loads(line)) for line in lines]
    report = report_of(Rows(since), book, done, arrived, outages)
    Path(plan["report"]).write_text(json.dumps(report))
    return 1 if report["faults"] else 0


def report_of(
    rows: Rows, book: Book, done: Done, arrived: Received, outages: list[Outage]
) -> dict[str, object]:
    back = time.monotonic()
    faults = [*book.faults, *verdict.left_waiting(rows, done)]
    waited = time.monotonic() - back
    faults += verdict.lost_or_doubled(rows, done)
    faults += verdict.events(rows, done)
    faults += verdict.letters(rows, done, arrived, outages)
    faults += verdict.bad_answers(book, outages)
    faults += verdict.broken_rules(os.environ)
    counts = {
        "requests": len(book.sent),
        "sign-ins": done.signed_in,
        "acts": len(done.acts),
        "hand-overs": len(done.handed) + len(done.mailed),
        "uploads": len(done.uploaded),
        "print jobs": len(done.jobs),
        "exports": sum(done.exports.values()),
        "events": len(done.events),
        "letters": len(arrived.at),
        "letters sent again": sum(len(at) - 1 for at in arrived.at.values()),
    }
    needed = ("acts", "hand-overs", "print jobs", "events", "letters")
    faults += [f"{what}: none at all" for what in needed if not counts[what]]
    seen = verdict.seen(book, outages)
    return {"faults": faults, "seen": seen, "waited": waited, "done": counts}


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
