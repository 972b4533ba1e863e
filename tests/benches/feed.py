"""Measure the feed (P3): from a withdrawal until unseen.

Eight advisers search, alone, then beside fifty events a second, one per delivery: what
the events leave them. Then again, while other advisers look up what was withdrawn.
"""

import multiprocessing
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event
from random import Random
from typing import Any
from urllib.parse import urlencode

from common import Failed, say, step
from django.db import connections

from demo.synthetic.sender import PATH
from offers.catalogue.models import Offer, OfferSearch
from offers.feed.events import BATCH
from tests.benches.browser import Browser
from tests.benches.measures import Table, percentiles, print_heading, since
from tests.benches.million import Million, warm
from tests.benches.site import Site, site
from tests.offers.helpers import feed

SEARCHERS = 8
RATE = 50  # events a second
SENDERS = 4
LASTS = 30.0  # seconds of traffic
ALONE = 20.0  # seconds of searches without events
WARM_UP = 5.0
# Share of the events; the others change an offer or restore it.
WITHDRAWALS = 0.5
FOLLOWED_AT_ONCE = 4
MOST_WAITING = 8
WORDS = ("", "maçon", "cuisine", "vente", "infirmier", "transport", "agent", "chef")


@dataclass
class Findings:
    """Milliseconds from the start of each post."""

    withdrawn: list[float] = field(default_factory=list)
    changed: list[float] = field(default_factory=list)
    unseen: list[float] = field(default_factory=list)
    searches: list[float] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    late: int = 0
    lasted: float = 0.0


def run(million: Million) -> None:
    print_heading(f"The feed on {million.offers:,} offers")
    with million.copy("feed") as environment:
        warm(environment)
        with site(environment) as opus:
            measure_searches_alone(opus)
            measure_events(opus, is_followed=False)
            measure_events(opus, is_followed=True)


# --- P3 ------------------------------------------------------------------------------


def measure_searches_alone(opus: Site) -> None:
    """Print the searches a second that the same advisers make without an event."""
    with (
        step(f"{ALONE:.0f} s of {SEARCHERS} searching, no event"),
        searching(opus) as searches,
    ):
        time.sleep(WARM_UP)
        begun = time.perf_counter()
        time.sleep(ALONE)
    searched = [taken for at, taken in searches if begun < at < begun + ALONE]
    say(f"{len(searched) / ALONE:.0f} searches a second\n")


@contextmanager
def searching(opus: Site) -> Iterator[list[tuple[float, float]]]:
    """Search beside a block; afterwards the list has when and how long each took."""
    clients = [opus.adviser() for _ in range(SEARCHERS)]
    connections.close_all()
    # Their own process, so that searches do not delay the senders.
    forked = multiprocessing.get_context("fork")
    over, results = forked.Event(), forked.SimpleQueue()
    searchers = forked.Process(target=search_all, args=(clients, over, results))
    searches: list[tuple[float, float]] = []
    searchers.start()
    yield searches
    over.set()
    found, failures = results.get()
    searchers.join()
    if failures:
        raise Failed(f"{len(failures)} failed: {failures[0]}")
    searches += found


def measure_events(opus: Site, *, is_followed: bool) -> None:
    """Post events at a fixed rate during searches."""
    beside = f"{SEARCHERS} searching"
    beside += ", what is withdrawn looked up" if is_followed else ""
    findings = Findings()
    references = live_references(int((WARM_UP + LASTS) * RATE) + 200)
    contents = {one: content_of(one) for one in references}
    names = iter(contents)
    readers = [opus.adviser() for _ in range(FOLLOWED_AT_ONCE)] if is_followed else []
    with (
        step(f"{LASTS:.0f} s of {RATE} events a second, {beside}"),
        searching(opus) as searches,
    ):
        # Warm up: the first event of each connection creates its table, and so on.
        early = Findings()
        send_at_pace(opus, early, contents, names, readers, WARM_UP)
        findings.failures, findings.stale = early.failures, early.stale
        begun = time.perf_counter()
        send_at_pace(opus, findings, contents, names, readers, LASTS)
    end = begun + findings.lasted
    findings.searches = [taken for at, taken in searches if begun < at < end]
    if findings.failures:
        raise Failed(f"{len(findings.failures)} failed: {findings.failures[0]}")
    table = Table("from the start of the post", "p50 ms", "p95 ms", "p99 ms", "count")
    for name, times in (
        ("200 of a withdrawal", findings.withdrawn),
        ("200 of a content", findings.changed),
        ("read and not seen", findings.unseen),
        ("searches beside", findings.searches),
    ):
        if times:
            table.add(name, *percentiles(times), len(times))
    table.print()
    searched = len(findings.searches) / findings.lasted
    posted = len(findings.withdrawn + findings.changed) / findings.lasted
    say(f"{posted:.0f} events and {searched:.0f} searches a second;")
    say(f"{findings.late} events left more than 50 ms late;")
    say(f"seen after the 200: {len(findings.stale)}\n")
    if findings.stale:
        raise Failed(f"Seen after the 200: {', '.join(findings.stale[:5])}")


def live_references(count: int) -> list[str]:
    rows = OfferSearch.objects.order_by("offer_id")
    found = list(rows.values_list("offer_id", flat=True)[: count * 20])
    Random(3).shuffle(found)
    if len(found) < count:
        raise Failed(f"{count} offers are needed: give --offers 20000 or more.")
    return found[:count]


def search_all(
    clients: list[Browser], over: Event, results: "SimpleQueue[Any]"
) -> None:
    """Search as eight advisers; queue the times of searches."""
    searches: list[tuple[float, float]] = []
    failures: list[str] = []

    def search_on(client: Browser, seed: int) -> None:
        dice = Random(seed)
        while not over.is_set():
            start = time.perf_counter()
            query = urlencode({"q": dice.choice(WORDS), "page": dice.choice("1112")})
            status, _ = client.get(f"/offres/?{query}")
            if status != 200:
                failures.append(f"search: {status}")
            searches.append((time.perf_counter(), since(start)))

    try:
        with ThreadPoolExecutor(SEARCHERS) as pool:
            list(pool.map(search_on, clients, range(SEARCHERS)))
    except (OSError, HTTPException) as error:
        failures.append(f"search: {error!r}")
    results.put((searches, failures))


def send_at_pace(
    opus: Site,
    findings: Findings,
    contents: dict[str, dict[str, Any]],
    names: Iterator[str],
    free: list[Browser],
    lasts: float,
) -> None:
    """Post one event per delivery, on several connections.

    ``contents`` are by number; ``names`` are the numbers without an event so far;
    ``free`` are the readers who look up what was withdrawn.
    """
    dice = Random(1)
    gone: list[str] = []
    lock = threading.Lock()
    senders = threading.local()

    def post(kind: str, reference: str, due: float) -> None:
        if not hasattr(senders, "client"):
            senders.client = Browser(opus.feed_url)
        if time.perf_counter() - due > 0.05:
            findings.late += 1
        delivery = signed(opus, [event(kind, contents[reference], reference)])
        start = time.perf_counter()
        status = senders.client.post(PATH, *delivery)
        if status != 200:
            findings.failures.append(f"event: {status}")
            return
        times = findings.withdrawn if kind == "suspendue" else findings.changed
        times.append(since(start))
        if kind == "suspendue":
            with lock:
                reader = free.pop() if free else None
                # Do not restore an offer that a reader still looks for.
                if reader is None:
                    gone.append(reference)
            if reader:
                reading.submit(follow, reader, reference, start)

    def follow(reader: Browser, reference: str, start: float) -> None:
        found, page = reader.get(f"/offres/?q={reference}")
        own, _ = reader.get(f"/offres/{reference}/")
        findings.unseen.append(since(start))
        shows = f'href="/offres/{reference}/' in page
        if found not in {200, 302} or shows or own != 410:
            findings.stale.append(f"{reference} ({found}, {own})")
        with lock:
            free.append(reader)

    with (
        ThreadPoolExecutor(SENDERS) as pool,
        ThreadPoolExecutor(FOLLOWED_AT_ONCE) as reading,
    ):
        begun = time.perf_counter()
        pending: deque[Future[None]] = deque()
        for number in range(int(lasts * RATE)):
            due = begun + number / RATE
            time.sleep(max(0.0, due - time.perf_counter()))
            # Bound the queue: a slow machine shows its delay, but still ends.
            if len(pending) >= MOST_WAITING:
                pending.popleft().result()
            if time.perf_counter() - begun > 2 * lasts:
                break
            with lock:
                back = gone.pop(0) if len(gone) > 20 and dice.random() < 0.3 else ""
            if dice.random() < WITHDRAWALS:
                words = ("suspendue", next(names))
            else:
                words = ("reactivee", back) if back else ("modifiee", next(names))
            pending.append(pool.submit(post, *words, due))
        for one in pending:
            one.result()
        findings.lasted = time.perf_counter() - begun


# --- France Travail's side -----------------------------------------------------------


def event(kind: str, content: dict[str, Any], reference: str) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    data = {} if kind == "suspendue" else {"data": content | {"dateActualisation": now}}
    return feed.event(kind, reference, time.time_ns(), time=now, **data)


def content_of(reference: str) -> dict[str, Any]:
    offer = Offer.objects.get(pk=reference)
    return {
        "id": reference,
        "intitule": offer.title,
        "description": f"{offer.description}\nPoste à pourvoir rapidement.",
        "dateCreation": offer.created_at.isoformat(),
        "romeCode": offer.rome_code,
        "romeLibelle": offer.rome_label,
        "lieuTravail": {"libelle": offer.place_label, "commune": offer.commune_code},
        "typeContrat": offer.contract,
    }


def signed(opus: Site, items: list[dict[str, Any]]) -> tuple[bytes, dict[str, str]]:
    body = feed.body_of(items)
    headers = feed.signed(body, secret=opus.feed_secret)
    return body, {"Content-Type": BATCH, **headers}
