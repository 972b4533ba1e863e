"""A replica for the search statement: never older than what led to the page (R1)."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client

from offers.search import sql as search_sql
from offers.search.criteria import Criteria
from offers.search.results import Search
from tests.accounts.factories import AdviserFactory
from tests.conftest import sign_in, wait_until
from tests.offers.feed.test_replicas import SOCKET, Clusters
from tests.offers.helpers.factories import OfferFactory, withdraw

pytestmark = pytest.mark.django_db(transaction=True)
real = [
    pytest.mark.thorough,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        not SOCKET.startswith("/"), reason="it copies the embedded PostgreSQL"
    ),
]


def with_marks(test):
    for mark in real:
        test = mark(test)
    return test


@pytest.fixture
def clusters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clusters]:
    """Django of this test before a primary that has a replica for the search."""
    OfferFactory.create_batch(3, title="Soudeuse")
    AdviserFactory()
    connection.close()
    both = Clusters(tmp_path, lag=0)
    ours = connection.settings_dict
    theirs = ours | {"HOST": str(both.primary), "USER": "opus"}
    connection.settings_dict = theirs
    of_replica = theirs | {"HOST": str(both.replica)}
    monkeypatch.setitem(connections.settings, search_sql.ALIAS, of_replica)
    monkeypatch.setattr(search_sql, "_is_away_until", 0.0)
    try:
        # As in production: what was acknowledged is on the disk.
        with both.open(both.primary, "postgres") as link:
            link.execute("ALTER SYSTEM SET synchronous_commit = on")
            link.execute("SELECT pg_reload_conf()")
        connect()
        yield both
    finally:
        connections[search_sql.ALIAS].close()
        del connections[search_sql.ALIAS]
        connection.close()
        connection.settings_dict = ours
        both.stop()


def connect() -> None:
    """Past Django's guard, which knows the alias of no test."""
    connections[search_sql.ALIAS].connect()


def count() -> tuple[int, str]:
    """What a search finds, and which server counted."""
    places: list[str] = []

    def noting(place: str) -> Callable[..., Any]:
        def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            if "WITH sample" in sql:
                places.append(place)
            return execute(sql, *rest)

        return note

    with (
        connection.execute_wrapper(noting("primary")),
        connections[search_sql.ALIAS].execute_wrapper(noting("replica")),
    ):
        found = Search(Criteria(words="soudeuse")).found.count
    return found, places[-1]


def answers(found: int, place: str) -> bool:
    return count() == (found, place)


@with_marks
def test_a_replica_counts_and_never_what_was_withdrawn_before(clusters):
    """With a control: asked all the same, the late replica counts the offer."""
    wait_until(lambda: answers(3, "replica"))
    client = sign_in(Client(), AdviserFactory._meta.model.objects.get())
    page = client.get("/offres/?q=soudeuse", secure=True, follow=True)
    assert page.text.count("Soudeuse") >= 3

    with clusters.open(clusters.replica, "postgres") as link:
        link.execute("SELECT pg_wal_replay_pause()")
        wait_until(
            lambda: (
                link.execute("SELECT pg_get_wal_replay_pause_state()").fetchone()
                == ("paused",)
            )
        )
        withdraw(OfferFactory._meta.model.objects.first())

        assert count() == (2, "primary")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(search_sql, "HAS_ALL", "SELECT %s <> ''")
            assert count() == (3, "replica")

        link.execute("SELECT pg_wal_replay_resume()")
    wait_until(lambda: answers(2, "replica"))


@with_marks
def test_a_frozen_a_killed_and_a_promoted_replica_cost_the_search_little(clusters):
    """R13: two seconds once in fifteen; a replica no longer is no replica."""
    wait_until(lambda: answers(3, "replica"))
    _, process = clusters.parts[1]
    with clusters.open(clusters.replica, "postgres") as link:
        pid = link.execute(
            "SELECT pid FROM pg_stat_activity WHERE usename = 'opus'"
        ).fetchone()[0]
    os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    assert count() == (3, "primary")
    took = time.monotonic() - began
    assert count() == (3, "primary")
    os.kill(pid, signal.SIGCONT)
    assert search_sql.PATIENCE - 1 < took < settings.PAGE_WAITS + search_sql.PATIENCE

    search_sql._is_away_until = 0.0
    connect()
    wait_until(lambda: answers(3, "replica"))
    with clusters.open(clusters.replica, "postgres") as link:
        link.execute("SELECT pg_promote()")
    assert count() == (3, "primary")
    assert search_sql._is_away_until == 0.0

    process.send_signal(signal.SIGKILL)
    process.wait()
    assert count() == (3, "primary")


def test_nothing_but_the_search_statement_reads_the_replica():
    """One module names the alias, one statement goes there; no router sends more."""
    sources = {
        str(path.relative_to(settings.BASE_DIR)): path.read_text()
        for app in ("demo", "accounts", "offers", "opus", "referrals")
        for path in Path(settings.BASE_DIR, app).rglob("*.py")
    }
    named = re.compile(r"\bconnections\b|\.using\(|using=|fetch_row")

    assert [name for name in sorted(sources) if named.search(sources[name])] == [
        "offers/search/sql.py"
    ]
    # Its definition, its only call.
    assert sources["offers/search/sql.py"].count("fetch_row(") == 2
    assert settings.DATABASE_ROUTERS == []
    assert set(settings.DATABASES) == {"default"}
