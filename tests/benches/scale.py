"""Kill each part of a deployment on several machines; print what people see.

All parts are real and on this machine, so no pace is measured: only who notices, and
for how long. nginx; two groups of web processes; PgBouncer in transaction mode;
PostgreSQL and a replica for the search; Valkey under three Sentinels; two workers.
"""

import logging
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, unquote, urlsplit

from common import step
from django.conf import settings
from django.db import Error, connection
from processes import Process, parts_of, start, wait_until
from stack import free_port

from accounts.users.models.users import User
from demo.synthetic.sender import Sender, Undelivered
from offers.catalogue.models import Offer
from opus.celery import app
from opus.delays_and_limits import PATIENCE_OF_PAGES
from opus.env import env_broker
from referrals.acts.act_rights import ActKind
from referrals.candidates.models import Candidate
from referrals.documents.models import Document
from referrals.making.actions import make
from tests.benches import topology
from tests.benches.browser import Browser
from tests.benches.command import BENCH
from tests.benches.measures import Table, print_heading
from tests.benches.million import Million
from tests.benches.site import Site, feed_secret, number_accounts
from tests.chaos.stack import family_of, send_signal
from tests.referrals.factories import CandidateFactory

BEFORE, AWAY, AFTER = 4.0, 6.0, 12.0  # seconds
READERS = 3
POOL = 10
PAGES = ("/offres/?q=chef", "/", "/offres/?q=vente&page=2")
GROUP = "the other group serves all; start it again"
DATABASE = "Patroni or the managed service promotes a replica: not played here"


@dataclass(frozen=True, slots=True)
class Trial:
    part: str
    name: str
    # SIGKILL or SIGSTOP; whether a supervisor brings it back after AWAY.
    blow: signal.Signals
    comes_back: bool
    operator: str


TRIALS = [
    Trial("one group of web processes, killed", "web-1", signal.SIGKILL, False, GROUP),
    Trial("one worker of two, killed", "worker-1", signal.SIGKILL, False, "start it"),
    Trial(
        "the replica of the search, frozen",
        "replica",
        signal.SIGSTOP,
        True,
        "nothing: searches go to the primary meanwhile",
    ),
    Trial(
        "the replica of the search, killed",
        "replica",
        signal.SIGKILL,
        False,
        "start it, or empty OPUS_SEARCH_URL",
    ),
    Trial(
        "Valkey’s master, killed",
        "valkey-1",
        signal.SIGKILL,
        False,
        "nothing: the Sentinels name another; make a new replica",
    ),
    Trial(
        "one Sentinel of three, killed",
        "sentinel-2",
        signal.SIGKILL,
        False,
        "start it: two are still a majority",
    ),
    Trial(
        "beat, killed",
        "beat",
        signal.SIGKILL,
        True,
        "one only: its supervisor starts it again",
    ),
    Trial(
        "the feed’s process, killed",
        "feed",
        signal.SIGKILL,
        True,
        "its supervisor starts it again; the sender repeats",
    ),
    Trial(
        "PgBouncer, killed",
        "pooler",
        signal.SIGKILL,
        True,
        "its supervisor starts it again; one beside each group limits it to that group",
    ),
    Trial("the primary, killed", "primary", signal.SIGKILL, True, DATABASE),
]


@dataclass
class Seen:
    """What people met, with the instants."""

    pages: list[tuple[float, int, float]] = field(default_factory=list)
    events: list[tuple[float, bool]] = field(default_factory=list)
    # When the act was made, and the seconds until its document was there.
    documents: list[tuple[float, float]] = field(default_factory=list)
    acts_refused: int = 0


class Parts:
    """Every process by name, and how each starts again."""

    def __init__(self, folder: Path, million: Million) -> None:
        self.folder, self.million = folder, million
        self.processes: dict[str, Process] = {}
        self.starters: dict[str, Callable[[], Process]] = {}
        self.trio = topology.Trio(folder)
        self.web, self.feed = [free_port(), free_port()], free_port()
        self.pooler, self.front = free_port(), free_port()
        self.secret = feed_secret()

    def start(self, name: str, starter: Callable[[], Process]) -> None:
        self.starters[name] = starter
        self.processes[name] = starter()

    def start_all(self) -> None:
        base = urlsplit(os.environ["DATABASE_URL"])
        source = unquote(base.hostname or "")
        primary = topology.Copy(self.folder / "primary", source, throw_away=False)
        self.start("primary", primary.start)
        replica = topology.Copy(
            self.folder / "replica", primary.sockets, name="one", throw_away=False
        )
        self.start("replica", replica.start)
        self.start(
            "pooler",
            lambda: topology.start_pooler(
                self.folder / "pooler", primary.sockets, port=self.pooler, size=POOL
            ),
        )
        self.trio.start()
        self.processes |= self.trio.processes
        name = self.million.database
        of_replica = quote(str(replica.sockets), safe="")
        environment = self.million.environment | {
            "DATABASE_URL": f"postgres://opus@127.0.0.1:{self.pooler}/{name}",
            "OPUS_SEARCH_URL": f"postgres://opus@{of_replica}/{name}",
            "REDIS_URL": self.trio.url,
            "OPUS_PORT": str(self.front),
            "OPUS_TRUSTED_PROXIES": "1",
            "OPUS_FEED_BIND": f"127.0.0.1:{self.feed}",
            "OPUS_FEED_SECRETS": self.secret,
        }
        words = parts_of(BENCH)

        def run(name: str, kind: str, **others: str) -> None:
            variables = environment | others
            self.start(
                name,
                lambda: start(name, *words[kind], environment=variables, state=BENCH),
            )

        for number, port in enumerate(self.web, 1):
            run(f"web-{number}", "web", OPUS_BIND=f"127.0.0.1:{port}")
        run("feed", "feed")
        for number in (1, 2):
            run(f"worker-{number}", "worker")
        run("beat", "beat")
        site = topology.plain_site(port=self.front, webs=self.web, feed=self.feed)
        self.start("nginx", lambda: topology.start_proxy(self.folder, site))
        wait_until(self.answer, self.processes, BENCH)

    def answer(self) -> bool:
        urls = [f"http://localhost:{port}" for port in (*self.web, self.feed)]
        try:
            return all(Browser(url).get("/livez")[0] == 200 for url in urls)
        except (OSError, HTTPException):
            return False

    def strike(self, trial: Trial) -> None:
        for pid in family_of(self.processes[trial.name].pid):
            send_signal(pid, trial.blow)

    def bring_back(self, trial: Trial) -> None:
        if trial.blow == signal.SIGSTOP:
            for pid in family_of(self.processes[trial.name].pid):
                send_signal(pid, signal.SIGCONT)
            return
        self.processes[trial.name].wait()
        if trial.name in self.starters:
            self.processes[trial.name] = self.starters[trial.name]()

    def stop(self) -> None:
        for process in reversed(self.processes.values()):
            for pid in family_of(process.pid):
                send_signal(pid, signal.SIGKILL)
            process.wait()


def run(million: Million) -> None:
    logging.disable()
    print_heading("Each part killed in turn, on one machine")
    # Under /tmp: PgBouncer is nobody where we are root.
    with TemporaryDirectory(prefix="opus-scale-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        parts = Parts(folder, million)
        stack.callback(parts.stop)
        with step("Starting all parts"):
            parts.start_all()
        reach(parts)
        number_accounts()
        table = Table(
            *("part", "pages refused", "longest page, s", "last refusal after, s"),
            *("events refused", "acts refused", "longest document, s"),
            "what the operator does",
        )
        site = Site(f"http://localhost:{parts.front}", "", parts.secret)
        try:
            for trial in TRIALS:
                with step(trial.part):
                    row = play(trial, parts, site)
                table.add(trial.part, *row, trial.operator)
        finally:
            table.print()
        connection.close()


def reach(parts: Parts) -> None:
    """Have this process act as one more web process does."""
    connection.close()
    connection.settings_dict |= {"HOST": "127.0.0.1", "PORT": str(parts.pooler)}
    os.environ["REDIS_URL"] = parts.trio.url
    broker = env_broker("REDIS_URL")
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS | broker.options
    options |= PATIENCE_OF_PAGES
    app.conf.update(broker_url=broker.url, broker_transport_options=options)


def play(trial: Trial, parts: Parts, site: Site) -> list[object]:
    seen = Seen()
    with people(site, seen):
        time.sleep(BEFORE)
        struck = time.monotonic()
        parts.strike(trial)
        time.sleep(AWAY)
        if trial.comes_back:
            parts.bring_back(trial)
        time.sleep(AFTER)
    if not trial.comes_back:
        parts.bring_back(trial)
        time.sleep(AFTER)
    after = [page for page in seen.pages if page[0] > struck]
    refused = [at for at, status, _ in after if status != 200]
    events = [at for at, is_accepted in seen.events if at > struck and not is_accepted]
    return [
        f"{len(refused)} of {len(after)}",
        max(seconds for *_, seconds in after),
        max(refused) - struck if refused else "",
        len(events),
        seen.acts_refused,
        max((seconds for at, seconds in seen.documents if at > struck), default=""),
    ]


@contextmanager
def people(site: Site, seen: Seen) -> Iterator[None]:
    """Advisers who read, one who acts, and France Travail's events, until the end."""
    ends = threading.Event()
    connection.close()  # What it leads to may have died in the trial before.
    readers = [site.adviser() for _ in range(READERS)]
    by = User.objects.order_by("-pk")[0]
    works = [threading.Thread(target=read, args=(one, seen, ends)) for one in readers]
    works.append(threading.Thread(target=act, args=(by, seen, ends)))
    works.append(threading.Thread(target=send, args=(site, seen, ends)))
    for work in works:
        work.start()
    try:
        yield
    finally:
        ends.set()
        for work in works:
            work.join()


def read(browser: Browser, seen: Seen, ends: threading.Event) -> None:
    for path in cycle(PAGES):
        if ends.is_set():
            return
        began = time.monotonic()
        try:
            status, _ = browser.get(path)
        except (OSError, HTTPException):
            browser.close()
            status = 0
        seen.pages.append((time.monotonic(), status, time.monotonic() - began))
        ends.wait(0.2)


def send(site: Site, seen: Seen, ends: threading.Event) -> None:
    sender = Sender(site.url, site.feed_secret, sleep=lambda _: None)
    while not ends.wait(0.5):
        try:
            sender.post(b"[]", f"msg-{uuid.uuid4()}")
            seen.events.append((time.monotonic(), True))
        except (Undelivered, OSError, HTTPException):
            seen.events.append((time.monotonic(), False))


def act(by: User, seen: Seen, ends: threading.Event) -> None:
    """Make an act each second; wait for its document."""
    offers = iter(Offer.objects.active().filter(preselection=False, delegated=False))
    try:
        while not ends.wait(1):
            try:
                seen.documents.append(wait_of(next(offers), by, ends))
            except Error:
                seen.acts_refused += 1
                connection.close()
    finally:
        connection.close()


def wait_of(offer: Offer, by: User, ends: threading.Event) -> tuple[float, float]:
    person: Candidate = CandidateFactory(adviser=by)
    began = time.monotonic()
    made = make(ActKind.REFERRAL, offer.pk, person.pk, by=by, key=uuid.uuid4())
    ready = Document.objects.filter(act=made, ready_at__isnull=False)
    while not ready.exists() and time.monotonic() - began < 30:
        time.sleep(0.1)
    return began, time.monotonic() - began
