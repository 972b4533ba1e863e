"""A snapshot cut off at any moment, by the death of its process or of PostgreSQL.

An offer is the unit of truth (ADR 10): whatever happens, each is as it was or as the
file has it, the search and the history agree with it, and the same command run again
ends where an undisturbed one ends. Locks of the test hold the process at the moment
that is wanted; then it is killed, and no handler of its own runs.
"""

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import psycopg
import pytest
import servers
from django.conf import settings
from django.db import connection, transaction

from demo.synthetic import make_offers
from offers.catalogue.models import Offer
from offers.catalogue.writes import writing_offers
from offers.files.models import ImportRun
from tests.conftest import wait_until
from tests.offers.helpers.files import run_import
from tests.tables import as_owner

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

BATCH = 10
OLD = list(make_offers(100, seed=5, today=dt.date(2026, 11, 24)))
NUMBERS = sorted(offer["id"] for offer in OLD)
# By number: locks are taken in that order.
MISSING = NUMBERS[::7]
CHANGED = [number for number in NUMBERS[::3] if number not in MISSING]
LATER = "2026-11-24T09:00:00.000Z"


def new_truth() -> list[Any]:
    """A third of the offers changed, a seventh gone, ten more, one line spoilt."""
    lines: list[Any] = [
        renew(offer) if offer["id"] in CHANGED else offer
        for offer in OLD
        if offer["id"] not in MISSING
    ]
    lines += make_offers(10, seed=6, today=dt.date(2026, 11, 24))
    lines.insert(35, "pas du JSON")
    return lines


def renew(offer: dict[str, Any]) -> dict[str, Any]:
    title = f"{offer['intitule']} (nouveau)"
    return offer | {"intitule": title, "dateActualisation": LATER}


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """The file of yesterday and the one of today."""
    paths = []
    for name, lines in (("hier", OLD), ("aujourdhui", new_truth())):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(as_line(line) for line in lines))
        paths.append(str(path))
    return paths[0], paths[1]


def as_line(line: Any) -> str:
    return f"{line if isinstance(line, str) else json.dumps(line)}\n"


# --- What must hold ------------------------------------------------------------------

DISAGREE = """
SELECT coalesce(o.reference, s.offer_id)
FROM offers_offer o FULL JOIN offers_offersearch s ON s.offer_id = o.reference
WHERE (o.state = 'active') IS DISTINCT FROM (s.offer_id IS NOT NULL)
"""
INDEXED = """
SELECT offer_id, vector::text, contract, rome_code, department, mode
FROM offers_offersearch ORDER BY offer_id
"""
INDEX_AGAIN = "UPDATE offers_offer SET state = state WHERE state = 'active'"
HISTORY = """
SELECT offer_id, array_agg(origin ORDER BY id), array_agg(target ORDER BY id)
FROM offers_offerstep GROUP BY offer_id
"""


def rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def demand_truth() -> None:
    """Each offer is as it was or as the file has it; search and history agree."""
    assert rows(DISAGREE) == []
    assert rows(INDEXED) == as_indexed_now()
    history = {offer: (origins, targets) for offer, origins, targets in rows(HISTORY)}
    titles = {offer["id"]: offer["intitule"] for offer in OLD}
    for offer in Offer.objects.order_by("pk"):
        origins, targets = history.pop(offer.pk)
        assert origins == ["", *targets[:-1]]
        assert targets[-1] == offer.state
        old = titles.get(offer.pk, offer.title)
        assert offer.title in {old, f"{old} (nouveau)"}
        assert offer.state == "active" or offer.pk in MISSING
    assert history == {}


def as_indexed_now() -> list[tuple[Any, ...]]:
    """What the search would hold, were every offer indexed at this moment."""
    with transaction.atomic():
        with writing_offers(), connection.cursor() as cursor:
            cursor.execute(INDEX_AGAIN)
        found = rows(INDEXED)
        transaction.set_rollback(True)
    return found


def demand_whole_batches() -> set[int]:
    """The batches of today's file that are in; each is in whole, or not at all."""
    lines = new_truth()
    is_in = set()
    titles = dict(Offer.objects.values_list("pk", "title"))
    for number in range(0, len(lines), BATCH):
        tellers = [
            line
            for line in lines[number : number + BATCH]
            if isinstance(line, dict)
            and (line["id"] in CHANGED or line["id"] not in NUMBERS)
        ]
        found = {titles.get(line["id"]) == line["intitule"] for line in tellers}
        assert len(found) == 1, f"a part of the batch of line {number + 1}"
        if found == {True}:
            is_in.add(number // BATCH)
    return is_in


def whole_state() -> list[tuple[Any, ...]]:
    """All that offers and search hold, but for the instants of the work itself."""
    offers = Offer.objects.order_by("pk").values()
    told = [
        {key: row[key] for key in row if key not in {"imported_at", "state_at"}}
        for row in offers
    ]
    return [tuple(row.values()) for row in told] + rows(INDEXED) + sorted(rows(HISTORY))


# --- The process ---------------------------------------------------------------------


@contextmanager
def importing(file: str, database: str) -> Iterator[subprocess.Popen[str]]:
    """The command, as an operator types it; killed at the latest as the block ends."""
    process = subprocess.Popen(
        [
            *(sys.executable, "manage.py", "import_offers", file, "--snapshot"),
            *("--batch", str(BATCH), "--verbosity", "0"),
        ],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {"OPUS_DEMO": "1", "DATABASE_URL": database, "PGAPPNAME": "import_offers"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def address() -> str:
    """Of the database of this test."""
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    return f"{server}/{connection.settings_dict['NAME']}"


# By its name: connections of an earlier test may still be open.
WAITS = """
SELECT wait_event_type FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'import_offers'
"""


def waits() -> list[Any]:
    """What each connection of the process waits for; none once it is gone."""
    return rows(WAITS)


def is_held() -> bool:
    return ("Lock",) in waits()


LOCK_RUNS = "LOCK TABLE offers_importrun IN ACCESS EXCLUSIVE MODE"
LOCK_QUARANTINE = "LOCK TABLE offers_quarantine IN ACCESS EXCLUSIVE MODE"


def hold_offer(number: str) -> str:
    return f"SELECT FROM offers_offer WHERE reference = '{number}' FOR UPDATE"


@contextmanager
def held(statement: str) -> Iterator[None]:
    """Holds what the process will want, from a connection of its own."""
    with psycopg.connect(address()) as blocker:
        blocker.execute(statement)
        try:
            yield
        finally:
            blocker.rollback()


def in_file(number: str) -> int:
    """The batch in which today's file has an offer."""
    names = [line["id"] if isinstance(line, dict) else "" for line in new_truth()]
    return names.index(number) // BATCH


# The last changed offer of the file: batches before it are in.
LAST_CHANGED = max(CHANGED, key=in_file)


@pytest.mark.parametrize(
    ("moment", "batches_in", "withdrawn"),
    [
        pytest.param(LOCK_RUNS, 0, 0, id="start", marks=pytest.mark.thorough),
        pytest.param(
            hold_offer(LAST_CHANGED), in_file(LAST_CHANGED), 0, id="writing a batch"
        ),
        # The spoilt line is in the fourth batch: its offers are written, not committed.
        pytest.param(
            LOCK_QUARANTINE, 3, 0, id="ending a batch", marks=pytest.mark.thorough
        ),
        pytest.param(
            hold_offer(MISSING[0]),
            10,
            0,
            id="first withdrawal",
            marks=pytest.mark.thorough,
        ),
        pytest.param(
            hold_offer(MISSING[-1]),
            10,
            BATCH,
            id="last withdrawal",
            marks=pytest.mark.thorough,
        ),
    ],
)
def test_killed_at_any_moment_every_offer_is_true_and_a_second_run_finishes(
    files, moment, batches_in, withdrawn
):
    """R4, R25: kill -9, then the invariants, then the same command again."""
    old, new = files
    run_import(old)
    run_import(new, snapshot=True, batch=BATCH)
    undisturbed = whole_state()
    forget_offers()
    run_import(old)

    with importing(new, address()) as process:
        with held(moment):
            wait_until(is_held, seconds=100)
            process.kill()
            process.wait()
        wait_until(lambda: not waits())

    demand_truth()
    assert len(demand_whole_batches()) == batches_in
    assert Offer.objects.filter(state="absente").count() == withdrawn
    assert not ImportRun.objects.filter(is_snapshot=True, ended_at__isnull=False)
    found = run_import(new, snapshot=True, batch=BATCH)
    assert found["withdrawn"] == len(MISSING) - withdrawn
    demand_truth()
    assert whole_state() == undisturbed


def forget_offers() -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE offers_offer, offers_importrun CASCADE")


@pytest.mark.thorough
@pytest.mark.plants_defects
def test_the_invariants_would_see_half_an_offer_and_half_a_batch(files):
    """The negative control of the test above."""
    old, new = files
    run_import(old)
    demand_truth()
    assert demand_whole_batches() == set()
    with writing_offers():
        Offer.objects.filter(pk=CHANGED[0]).update(
            title=next(
                line["intitule"]
                for line in new_truth()
                if isinstance(line, dict) and line["id"] == CHANGED[0]
            )
        )

    with pytest.raises(AssertionError, match="a part of the batch"):
        demand_whole_batches()

    with writing_offers(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM offers_offersearch WHERE offer_id = %s", MISSING[:1]
        )
    with pytest.raises(AssertionError):
        demand_truth()


@pytest.mark.thorough
def test_a_live_event_that_comes_first_is_no_business_of_the_withdrawal(files):
    """R1: what an event says while the list of the missing is drawn up stands."""
    old, new = files
    run_import(old)
    with importing(new, address()) as process, held(hold_offer(MISSING[0])):
        wait_until(is_held, seconds=100)
        with writing_offers():
            Offer.objects.filter(pk=MISSING[-1]).update(state="pourvue")
    assert process.returncode is not None
    wait_until(lambda: not waits())

    run_import(new, snapshot=True, batch=BATCH)

    assert Offer.objects.get(pk=MISSING[-1]).state == "pourvue"
    assert Offer.objects.get(pk=MISSING[0]).state == "absente"


# --- PostgreSQL ----------------------------------------------------------------------


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[servers.Servers]:
    """A PostgreSQL of this test alone, which it may kill; as durable as bin/run's."""
    own = servers.Servers(tmp_path / "servers")
    start(own)
    yield own
    own.stop()
    own.remove()


def start(own: servers.Servers) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL")  # Else it would be taken for the operator's.
        own.start()


@contextmanager
def using(database: str) -> Iterator[None]:
    """Has Django work on another server meanwhile."""
    ours = connection.settings_dict
    connection.close()
    connection.settings_dict = ours | {
        "HOST": unquote(urlsplit(database).netloc.rpartition("@")[2]),
        "NAME": "opus",
        "USER": "opus",
    }
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = ours


def owners(database: str) -> str:
    return f"postgres://opus_owner@{database.rpartition('@')[2]}"


def copy_tables_to(database: str) -> None:
    """The tables of this test's database, and what they hold, in another one.

    Their owner copies them, with the rights of the application.
    """
    programs = servers.find_postgres()
    dump = subprocess.run(
        [programs / "pg_dump", owners(address())], capture_output=True, check=True
    )
    subprocess.run(
        [programs / "psql", "-qv", "ON_ERROR_STOP=1", owners(database)],
        input=dump.stdout,
        stdout=subprocess.DEVNULL,
        check=True,
    )


@pytest.mark.thorough
def test_postgresql_killed_in_the_middle_of_a_snapshot_loses_and_halves_nothing(
    files, own_server
):
    """R4, R13: the command says so in a sentence; run again, it finishes."""
    old, new = files
    run_import(old)
    database = f"postgres://opus@{quote(str(own_server.sockets), safe='')}/opus"
    copy_tables_to(database)

    with (
        importing(new, database) as process,
        closing(psycopg.connect(database)) as blocker,
    ):
        blocker.execute(hold_offer(LAST_CHANGED))
        with psycopg.connect(database, autocommit=True) as watcher:
            waits = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            wait_until(
                lambda: watcher.execute(waits).fetchone() is not None, seconds=100
            )
        own_server.processes["postgres"].kill()
        _, told = process.communicate(timeout=60)
    own_server.stop()
    start(own_server)

    assert process.returncode == 1
    assert "relancez la même commande" in told
    assert "Traceback" not in told
    with using(database):
        demand_truth()
        assert len(demand_whole_batches()) == in_file(LAST_CHANGED)
        found = run_import(new, snapshot=True, batch=BATCH)
        assert found["withdrawn"] == len(MISSING)
        demand_truth()
        disturbed = whole_state()
    run_import(new, snapshot=True, batch=BATCH)
    assert disturbed == whole_state()
