"""The workload of a game day, and its verdict (R29).

An adviser makes an act every half second, with the same key again if no answer came
(R10); another reads pages. After SIGTERM every acknowledged act must exist once, every
document and e-mail be done, and the nightly checks clean (R28).
"""

import json
import os
import signal
import sys
import threading
import time
import uuid
from collections import Counter
from http.client import HTTPException
from itertools import cycle
from pathlib import Path

import django
from common import ROOT, say

sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opus.settings")
django.setup()

from benches.browser import Browser  # noqa: E402
from benches.site import Site  # noqa: E402
from django.db import Error, connection  # noqa: E402

from accounts.users.models.users import User  # noqa: E402
from opus.lib.files.background_files import FileState  # noqa: E402
from opus.lib.outbound.models import OutboxEntry  # noqa: E402
from opus.operations.invariants import rules  # noqa: E402
from referrals.direct.actions import refer  # noqa: E402
from referrals.direct.models import Referral  # noqa: E402
from referrals.documents.models import Document  # noqa: E402
from tests.offers.helpers.factories import OfferFactory  # noqa: E402
from tests.referrals.factories import CandidateFactory  # noqa: E402

EVERY = 0.5  # seconds
PATIENCE = 120.0  # seconds to print and send the rest
PAGES = ("/", "/offres/?lieu=", "/candidats/", "/suivi/")
OFFERS = 20

over = threading.Event()


class Adviser:
    def __init__(self, by: User) -> None:
        self.by = by
        self.offers = [offer.pk for offer in OfferFactory.create_batch(OFFERS)]
        self.made: dict[uuid.UUID, str] = {}
        self.refused = 0

    def work(self) -> None:
        while not over.wait(EVERY):
            self.act(uuid.uuid4())
        connection.close()

    def act(self, key: uuid.UUID) -> None:
        """Make one act; repeat it with its key if unanswered."""
        candidate = None
        while True:
            try:
                candidate = candidate or CandidateFactory(adviser=self.by)
                offer = self.offers[len(self.made) % OFFERS]
                act = refer(offer, candidate.pk, by=self.by, key=key)
            except Error:
                self.refused += 1
                connection.close()
                time.sleep(0.2)
            else:
                self.made[key] = act.number
                return


class Reader:
    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.statuses: Counter[str] = Counter()

    def work(self) -> None:
        for page in cycle(PAGES):
            if over.wait(EVERY / 2):
                return
            try:
                answer = str(self.browser.get(page)[0])
            except (OSError, HTTPException):
                answer = "no answer"
                self.browser.close()
            self.statuses[answer] += 1


def faults(adviser: Adviser) -> list[str]:
    deadline = time.monotonic() + PATIENCE
    while waiting() and time.monotonic() < deadline:
        time.sleep(0.5)
    found = [f"{count} {what} still wait" for what, count in waiting().items()]
    for key, number in adviser.made.items():
        rows = Referral.objects.filter(idempotency_key=key)
        numbers = list(rows.values_list("number", flat=True))
        if numbers != [number]:
            found.append(f"act {number}: found {numbers}")
    count = Referral.objects.filter(adviser=adviser.by).count()
    if count != len(adviser.made):
        found.append(f"{count} acts for {len(adviser.made)} acknowledged")
    broken = {name: count for name, count in rules.check().items() if count}
    return [*found, *(f"check {name}: {count} rows" for name, count in broken.items())]


def waiting() -> dict[str, int]:
    left = {
        "documents": Document.objects.exclude(state=FileState.READY).count(),
        "letters": OutboxEntry.objects.waiting().count(),
    }
    return {what: count for what, count in left.items() if count}


def main() -> int:
    port, report = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    browser = Site(f"http://localhost:{port}", "", "").adviser()
    adviser = Adviser(User.objects.latest("pk"))
    reader = Reader(browser)
    adviser.act(uuid.uuid4())
    Path(report).write_text(json.dumps({"adviser": adviser.by.pk}))
    people = [threading.Thread(target=one.work) for one in (adviser, reader)]
    for person in people:
        person.start()
    over.wait()
    for person in people:
        person.join()
    connection.close()  # It dates from before the kills.
    found = faults(adviser)
    pages = ", ".join(f"{status} {n}" for status, n in sorted(reader.statuses.items()))
    say(f"  {len(adviser.made)} acts, {adviser.refused} tries without an answer")
    say(f"  Pages: {pages}")
    for fault in found:
        say(f"  FAULT {fault}")
    if not found:
        say("  Nothing was lost: acts, documents and letters are whole.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
