"""All of Opus through a pooler that lends two connections, each for a transaction."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from offers.catalogue.models import Offer
from offers.files.importer import import_offers
from opus.celery import app
from opus.lib import jobs
from opus.lib.database.roles import LIMITS, check_limits
from opus.lib.jobs import JobRun
from referrals.direct.models import Referral
from referrals.documents.models import Document
from tests.accounts.factories import AdviserFactory
from tests.accounts.journeys import enter
from tests.conftest import listening_worker, sign_in, wait_until
from tests.offers.feed.test_gunicorn import gunicorn, send
from tests.offers.helpers.factories import OfferFactory
from tests.offers.helpers.feed import body_of, event
from tests.offers.helpers.files import as_bytes, offer
from tests.operations.deployment.poolers import SOCKET, connected_to, pgbouncer
from tests.operations.monitoring.test_jobs import SWEEPS
from tests.referrals.factories import CandidateFactory
from tests.referrals.making.test_pages import NEW, key_of
from tests.topology import program

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not SOCKET.startswith("/"), reason="needs our PostgreSQL"),
    pytest.mark.skipif(
        program("pgbouncer") is None and not os.environ.get("OPUS_REQUIRE_BROWSER"),
        reason="pgbouncer is not installed",
    ),
]


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with pgbouncer(tmp_path / "pooler") as number:
        yield number


@pytest.fixture
def pooled(port: int) -> Iterator[int]:
    """Django of this test behind the pooler."""
    with connected_to(port):
        yield port


def lent() -> int:
    """How many connections of this database come from a pooler or elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


def test_the_limits_of_a_session_are_there_without_start_up_options(pooled):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, current_setting(name) FROM unnest(%s::text[]) AS name",
            [list(LIMITS)],
        )
        assert dict(cursor.fetchall()) == LIMITS
    assert check_limits(databases=["default"]) == []
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    assert [each.id for each in check_limits(databases=["default"])] == ["opus.E015"]
    with connection.cursor() as cursor:
        cursor.execute("RESET statement_timeout")


def test_a_journey_the_clock_and_an_import(pooled, tmp_path):
    """Sign-in, search, act; each regular job once; a snapshot that withdraws."""
    adviser = AdviserFactory()
    client = Client(SERVER_NAME="localhost", headers={"host": "localhost"})
    OfferFactory.create_batch(3)
    there = OfferFactory(title="Soudeuse")
    candidate = CandidateFactory(adviser=adviser, **NEW)

    entered = enter(client, adviser, secure=True)
    found = client.get("/offres/", {"q": "soudeuse"}, follow=True, secure=True)
    address = reverse("referral_confirm", args=[there.pk, candidate.pk])
    page = client.get(address, secure=True)
    sent = client.post(address, {"key": key_of(page)}, secure=True)

    assert (entered.status_code, found.status_code) == (302, 200)
    assert "Soudeuse" in found.text
    assert (page.status_code, sent.status_code) == (200, 302)
    assert Referral.objects.get().offer_id == there.pk

    app.loader.import_default_modules()
    for entry in app.conf.beat_schedule.values():
        app.tasks[entry["task"]]()
    assert JobRun.objects.exclude(error="").count() == 0
    assert JobRun.objects.count() >= len(app.conf.beat_schedule) - len(SWEEPS) - 1

    file = tmp_path / "offers.jsonl"
    file.write_bytes(as_bytes(offer()))
    report = import_offers([str(file)], snapshot=True, max_withdrawn=100)
    assert (report.run.created, report.run.withdrawn, report.refusal) == (1, 4, "")
    assert Offer.objects.active().count() == 1
    assert lent() <= 2


def test_many_readers_the_feed_and_a_worker_share_two_connections(
    port, tmp_path, broker, monkeypatch
):
    name = connection.settings_dict["NAME"]
    address = f"postgres://opus_tests@127.0.0.1:{port}/{name}"
    OfferFactory.create_batch(6)
    adviser = AdviserFactory()
    client = sign_in(Client(), adviser)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    candidate, there = CandidateFactory(adviser=adviser), OfferFactory()
    monkeypatch.setenv("DATABASE_URL", address)
    before = lent()

    settings_of_web = "tests.opus.web_settings"
    with (
        gunicorn(tmp_path, address, DJANGO_SETTINGS_MODULE=settings_of_web) as web,
        listening_worker(broker),
    ):

        def read(path: str) -> int:
            link = HTTPConnection("127.0.0.1", web, timeout=60)
            headers = {
                "Host": f"localhost:{web}",
                "Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}",
            }
            link.request("GET", path, headers=headers)
            answer = link.getresponse()
            answer.read()
            link.close()
            return answer.status

        def send_event(number: int) -> int:
            reference = f"199PB{number:02}"
            return send(web, body_of([event("creee", reference)]))[0]

        with ThreadPoolExecutor(8) as many:
            pages = many.map(read, ["/offres/?q=offre", f"/offres/{there.pk}/"] * 12)
            events = many.map(send_event, range(10, 22))
            assert set(pages) == {200}
            assert set(events) == {200}
        address = reverse("referral_confirm", args=[there.pk, candidate.pk])
        key = key_of(client.get(address, secure=True))
        client.post(address, {"key": key}, secure=True)
        document = Document.objects.get()
        wait_until(lambda: Document.objects.get(pk=document.pk).is_ready, seconds=60)
        assert lent() <= before + 2


def test_a_job_has_its_lock_however_often_it_commits(pooled):
    """R25, with a control: a lock of the session would be anybody's."""
    other = connection.copy()
    with jobs.lock("a-job") as is_ours, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        with jobs.lock("a-job") as is_also_ours:
            assert (is_ours, is_also_ours) == (True, False)
    with jobs.lock("a-job") as is_ours:
        assert is_ours

    with connection.cursor() as cursor, other.cursor() as stranger:
        cursor.execute("SELECT pg_try_advisory_lock(1)")
        stranger.execute("SELECT pg_try_advisory_lock(1)")
        assert (cursor.fetchone(), stranger.fetchone()) == ((True,), (True,))
        cursor.execute("SELECT pg_advisory_unlock_all()")
    other.close()


KEEPS = """
import time
from opus.lib import jobs
with jobs.lock("a-job") as is_ours:
    print(is_ours, flush=True)
    time.sleep(600)
"""


def test_the_lock_of_a_killed_process_is_free_at_once(pooled):
    """R25."""
    name = connection.settings_dict["NAME"]
    address = f"postgres://opus_tests@127.0.0.1:{pooled}/{name}"
    process = subprocess.Popen(
        [sys.executable, "-c", f"import django; django.setup(){KEEPS}"],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {"DATABASE_URL": address, "OPUS_DEMO": "1"}
        | {"DJANGO_SETTINGS_MODULE": "opus.settings"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        with jobs.lock("a-job") as is_ours:
            assert not is_ours
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()

    def is_free() -> bool:
        with jobs.lock("a-job") as is_ours:
            return is_ours

    wait_until(is_free, seconds=10)
