"""Past one machine: no replica shows a withdrawn offer after the 200.

A copy of the test's own cluster, and a replica of that copy which lags on purpose. Both
controls show what would happen otherwise.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
import servers
from django.db import connection

from tests.offers.feed.test_gunicorn import gunicorn, send
from tests.offers.helpers.factories import OfferFactory
from tests.offers.helpers.feed import body_of, event
from tests.topology import Copy

SOCKET = unquote(urlsplit(os.environ.get("DATABASE_URL", "")).hostname or "")

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
    pytest.mark.thorough,
    pytest.mark.skipif(
        not SOCKET.startswith("/"), reason="it copies the embedded PostgreSQL"
    ),
]

LAG = 0.4  # seconds
OFFERS = [f"199RE{letter}{other}" for letter in "AB" for other in "ABCDEFGH"]


class Clusters:
    """A primary with the test's database, and its replica."""

    def __init__(self, folder: Path, *, lag: float = LAG) -> None:
        self.database = connection.settings_dict["NAME"]
        primary = Copy(folder / "primary", SOCKET)
        self.parts = [(primary.part, primary.start())]
        self.primary = primary.sockets
        replica = Copy(folder / "replica", self.primary, name="one")
        late = {"recovery_min_apply_delay": f"{lag}s"}
        self.parts.append((replica.part, replica.start(late)))
        self.replica = replica.sockets

    def stop(self) -> None:
        for part, process in reversed(self.parts):
            process.send_signal(servers.signal.SIGQUIT)
            servers.end(process, patience=20)
            part.remove()

    def open(self, sockets: Path, user: str = "opus") -> psycopg.Connection:
        return psycopg.connect(
            f"host={sockets} user={user} dbname={self.database}", autocommit=True
        )

    def wait_for(self, names: str) -> None:
        """Name the replicas that a commit waits for; be sure that it is known."""
        with self.open(self.primary, "postgres") as link:
            link.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
            link.execute("SELECT pg_reload_conf()")
            wanted = "sync" if names else "async"
            while True:
                found = link.execute(
                    "SELECT sync_state FROM pg_stat_replication"
                    " WHERE state = 'streaming'"
                ).fetchall()
                if found == [(wanted,)]:
                    return
                time.sleep(0.05)

    def shown(self, reference: str) -> bool:
        """Whether a search on the replica would find it, at this instant."""
        with self.open(self.replica) as link:
            (found,) = link.execute(
                "SELECT EXISTS (SELECT FROM offers_offersearch WHERE offer_id = %s)"
                " OR EXISTS (SELECT FROM offers_offer WHERE reference = %s"
                " AND state = 'active')",
                [reference, reference],
            ).fetchone() or (None,)
        return bool(found)


@pytest.fixture
def clusters(tmp_path: Path) -> Iterator[Clusters]:
    for reference in OFFERS:
        OfferFactory(reference=reference)
    both = Clusters(tmp_path)
    try:
        yield both
    finally:
        both.stop()


def test_no_replica_shows_a_withdrawn_offer_after_the_200(clusters, tmp_path):
    """R1: the commit of a withdrawal waits until the replica has applied it."""
    address = f"postgres://opus@{servers.quote(str(clusters.primary), safe='')}"
    with gunicorn(tmp_path, f"{address}/{clusters.database}") as port:

        def withdraw(reference: str) -> None:
            status, figures = send(port, body_of([event("suspendue", reference)]))
            assert (status, figures["appliques"]) == (200, 1)

        clusters.wait_for("FIRST 1 (one)")
        assert all(map(clusters.shown, OFFERS))
        stale = []
        for reference in OFFERS[:6]:
            withdraw(reference)
            stale.append(clusters.shown(reference))
        assert stale == [False] * 6

        # Control: without its name in the list nobody waits, and it shows the offer.
        clusters.wait_for("")
        withdraw(OFFERS[6])
        assert clusters.shown(OFFERS[6])


def test_a_commit_that_waits_for_the_disk_alone_is_not_enough(clusters):
    """R1, the control of ``remote_apply``: ``on`` has the replica store, not apply."""
    clusters.wait_for("FIRST 1 (one)")
    seen = {}
    with clusters.open(clusters.primary) as link:
        for mode, reference in (("on", OFFERS[0]), ("remote_apply", OFFERS[1])):
            with link.transaction():
                link.execute("SET LOCAL opus.sync = 'on'")
                link.execute(f"SET LOCAL synchronous_commit = {mode}")
                link.execute(
                    "UPDATE offers_offer SET state = 'suspendue' WHERE reference = %s",
                    [reference],
                )
            seen[mode] = clusters.shown(reference)

    assert seen == {"on": True, "remote_apply": False}
