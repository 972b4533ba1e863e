"""Measure documents (P5): act to PDF, and their pace.

One adviser makes acts in turn, then N at once wait for two workers. Yardstick: the
printer alone in one and two processes.
"""

import multiprocessing
import time
import uuid
from collections.abc import Sequence

from common import Failed, step
from django.db.models import Max
from django.utils import timezone

from accounts.users.models import User
from offers.catalogue.models import Offer
from opus.lib.background_files import page_of
from referrals.acts.act_rights import ActKind
from referrals.candidates.models import Candidate
from referrals.documents.models import Document
from referrals.making.actions import make
from tests.benches.measures import Table, percentiles, print_heading, print_one
from tests.benches.million import Million
from tests.benches.site import site
from tests.referrals.factories import CandidateFactory

CLICKS = 60
AT_ONCE = 200
RAW = 80
WORKERS = 2
ASKED_EVERY = 0.02  # seconds
PATIENCE = 180.0  # seconds


def run(million: Million) -> None:
    with million.copy("documents") as environment, site(environment) as opus:
        opus.adviser()
        by = User.objects.order_by("-pk")[0]
        print_heading(f"Documents: {million.offers:,} offers, {WORKERS} workers")
        table = Table("documents", "p50 ms", "p95 ms", "a second", "largest kB")
        with step(f"{CLICKS} clicks, one after the other"):
            acts = acts_for(by, CLICKS)
            waits = [wait_of(offer, person, by) for offer, person in acts]
        p50, p95, _ = percentiles(waits)
        table.add("act → PDF ready", 1000 * p50, 1000 * p95, "", largest())
        with step(f"{AT_ONCE} at once"):
            pace = pace_of(by)
        table.add(f"{AT_ONCE} acts made at once", "", "", pace, largest())
        pages = [page_of(one, one.title) for one in Document.objects.all()[:RAW]]
        for processes in (1, WORKERS):
            what = f"the printer alone, {processes} at a time"
            with step(what.capitalize()):
                table.add(what, "", "", raw_pace(pages, processes), "")
        table.print()


def acts_for(by: User, number: int) -> list[tuple[Offer, Candidate]]:
    offers = Offer.objects.active().filter(preselection=False, delegated=False)
    return [
        (offer, CandidateFactory(adviser=by))
        for offer in offers.order_by("reference")[:number]
    ]


def wait_of(offer: Offer, person: Candidate, by: User) -> float:
    start = time.perf_counter()
    act = make(ActKind.REFERRAL, offer.pk, person.pk, by=by, key=uuid.uuid4())
    return until_ready(Document.objects.filter(act=act), 1) - start


def pace_of(by: User) -> float:
    """Return documents per second of workers without other work."""
    acts = acts_for(by, AT_ONCE)
    first = timezone.now()
    for offer, person in acts:
        make(ActKind.REFERRAL, offer.pk, person.pk, by=by, key=uuid.uuid4())
    made = Document.objects.filter(created_at__gte=first)
    until_ready(made, AT_ONCE)
    # From the first PDF to the last: making the acts is not measured.
    instants = [at for at in made.values_list("ready_at", flat=True) if at]
    lasted: float = (max(instants) - min(instants)).total_seconds()
    return (AT_ONCE - 1) / lasted


def until_ready(wanted: object, number: int) -> float:
    """Return the ``perf_counter`` time of N ready; raise Failed."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if wanted.filter(ready_at__isnull=False).count() >= number:  # type: ignore[attr-defined]
            return time.perf_counter()
        time.sleep(ASKED_EVERY)
    raise Failed("The documents are not printed: is there a worker?")


def largest() -> float:
    size: int = Document.objects.aggregate(most=Max("size"))["most"]
    return size / 1000


def raw_pace(pages: Sequence[str], processes: int) -> float:
    """Return pages per second of the printer alone, once warm."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes) as pool:
        pool.map(print_one, pages[: 4 * processes], chunksize=4)
        start = time.perf_counter()
        pool.map(print_one, pages, chunksize=1)
        return len(pages) / (time.perf_counter() - start)
