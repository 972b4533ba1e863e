"""Requests (S41), figures (R15) for operators: closed without token, true with it."""

import datetime as dt
import os
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from opus import startup
from opus.celery import app
from opus.lib import logs
from opus.lib.audit.journal import Action, record
from opus.lib.audit.models import AuditEntry
from opus.lib.background_files import FileState
from opus.lib.jobs import JobRun
from opus.lib.models import Finding
from opus.lib.outbound.models import OutboxEntry
from opus.operations.tasks import check_jobs
from tests.accounts.factories import AdviserFactory, AlertFactory
from tests.log_lines import log_lines
from tests.offers.helpers.factories import FeedDeliveryFactory, RejectedEventFactory
from tests.referrals.factories import DocumentFactory, ReferralFactory

pytestmark = pytest.mark.django_db
TOKEN = "jeton-d-essai-0123456789-abcdefgh"
WEB, FEED = "9464", "9465"


@pytest.fixture
def opened(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


@pytest.fixture(autouse=True)
def addresses(settings: Any) -> None:
    settings.METRICS_PORTS = {"web": WEB, "feed": FEED}


def fetch(client: Client, given: str, port: str = "9464") -> Any:
    headers = {"authorization": given}
    return client.get("/metriques/", headers=headers, SERVER_PORT=port)


def scrape(client: Client, port: str = WEB) -> dict[str, float]:
    """Each sample by its name and labels, as Prometheus understands it."""
    response = fetch(client, f"Bearer {TOKEN}", port)
    assert response.status_code == 200
    return {
        " ".join([sample.name, *sorted(sample.labels.values())]): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


@pytest.mark.parametrize(
    ("token", "given"),
    [
        *((TOKEN, given) for given in ("", "Bearer ", "Bearer x", TOKEN, "Bearer é")),
        # Off by default.
        *(("", given) for given in ("", "Bearer ", "Bearer")),
    ],
)
def test_without_the_token_the_address_does_not_exist(
    client: Client, settings: Any, token: str, given: str
) -> None:
    settings.METRICS_TOKEN = token

    response = fetch(client, given)

    assert (response.status_code, response.content) == (404, b"")


@pytest.mark.usefixtures("opened")
def test_the_site_itself_does_not_have_the_address(client: Client) -> None:
    """R15: a proxy that passes everything on shows no figure."""
    response = fetch(client, f"Bearer {TOKEN}", port="8000")

    assert response.status_code == 404
    assert b"opus_http" not in response.content


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("path", ["/", "/connexion/", "/livez", "/static/x.css"])
@pytest.mark.parametrize("port", [WEB, FEED])
def test_the_address_of_the_figures_has_nothing_else(client, path, port) -> None:
    response = client.get(path, SERVER_PORT=port)

    assert (response.status_code, response.content) == (404, b"")


@pytest.mark.usefixtures("opened")
def test_a_collector_needs_neither_the_sites_name_nor_tls(client, settings) -> None:
    """It is inside: ``web:9464``."""
    settings.SECURE_SSL_REDIRECT = True
    client.defaults["HTTP_HOST"] = "web:9464"

    assert "opus_mute" in scrape(client)


@pytest.mark.usefixtures("opened")
def test_the_feeds_figures_are_those_of_its_requests(client: Client) -> None:
    client.get("/livez")

    told = scrape(client, FEED)

    assert {name.split("_")[1] for name in told} == {"http"}


@pytest.mark.usefixtures("opened")
def test_requests_are_counted_by_view_method_and_status(client: Client) -> None:
    """R15."""
    before = scrape(client)
    client.get("/livez")
    client.get("/fiche/canari-6620/")
    client.generic("KARIM", "/livez")
    client.get("/nulle-part/canari-6620/")
    after = scrape(client)

    def more(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert more("opus_http_requests_total 200 GET livez") == 1
    assert more("opus_http_requests_total 405 livez other") == 1
    assert more("opus_http_request_seconds_count GET livez") == 1
    assert more("opus_http_request_seconds_bucket +Inf GET livez") == 1
    assert more("opus_http_request_seconds_sum GET livez") > 0
    assert more("opus_http_requests_total 404 GET unknown") == 1
    assert [name for name in after if "mailed_document" in name]
    assert "canari-6620" not in " ".join(after)
    assert "KARIM" not in " ".join(after)


@pytest.mark.usefixtures("opened")
def test_the_figures_are_those_of_the_database(client: Client, settings: Any) -> None:
    """R15."""
    settings.FEED_SECRETS = ["whsec_AAAA"]
    now = timezone.now()
    old = now - dt.timedelta(hours=2)
    FeedDeliveryFactory(received=3, received_at=now - dt.timedelta(minutes=1))
    RejectedEventFactory()
    for key in ("a", "b"):
        OutboxEntry.objects.create(effect="inconnu", key=key, created_at=old)
    OutboxEntry.objects.create(effect="inconnu", key="c", given_up_at=now)
    DocumentFactory(state=FileState.WAITING, created_at=old)
    adviser = AdviserFactory()
    record(Action.ACCESS_REFUSED, by=adviser, refused="art. 3.2")
    record(Action.SIGN_IN, by=adviser)
    AlertFactory()
    JobRun.objects.create(name="tard", every=dt.timedelta(minutes=1), ended_at=old)
    Finding.objects.create(name="quota", count=3, checked_at=now, first_at=now)
    app.control.purge()

    told = scrape(client)

    assert 60 <= told["opus_feed_silence_seconds"] < 120
    assert 60 <= told["opus_feed_last_event_age_seconds"] < 120
    assert told["opus_feed_rejected_events"] == 1
    assert told["opus_outbox_waiting mail"] == 2
    assert told["opus_outbox_waiting webhook"] == 0
    assert told["opus_outbox_oldest_age_seconds mail"] >= 7200
    assert told["opus_outbox_given_up"] == 1
    assert told["opus_files_waiting document"] == 1
    assert told["opus_files_oldest_age_seconds document"] >= 7200
    assert told["opus_refusals_last_hour access_refused"] == 1
    assert told["opus_refusals_last_hour not_found"] == 0
    assert told["opus_alerts_open grave"] == 1
    assert told["opus_jobs_overdue"] == 1
    assert told["opus_job_age_seconds tard"] >= 7200
    assert told["opus_invariant_broken_rows quota"] == 3
    assert told["opus_mute"] == 0
    assert told["opus_antivirus_away"] == 0
    assert told["opus_broker_waiting"] == 0
    assert told["opus_accounts actif conseiller"] >= 1
    assert told["opus_acts mise_en_contact proposee"] == 1


@pytest.mark.usefixtures("opened")
def test_a_broker_that_is_away_leaves_its_figure_out(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R14: the others are told all the same."""
    away = app.connection_for_read("redis+socket:///nowhere/valkey.sock")
    monkeypatch.setattr(app, "connection_for_read", lambda: away)

    told = scrape(client)

    assert "opus_broker_waiting" not in told
    assert "opus_jobs_overdue" in told


@pytest.mark.usefixtures("opened")
def test_more_rows_cost_no_more_queries_and_a_scrape_tells_and_names_nobody(
    client: Client,
) -> None:
    """R23, S41."""
    asked = []
    for _ in range(2):
        act = ReferralFactory()
        with CaptureQueriesContext(connection) as queries:
            told = scrape(client)
        asked.append(len(queries))

    assert asked[0] == asked[1] <= 26
    assert not AuditEntry.objects.exists()
    text = " ".join(told)
    assert act.candidate.last_name not in text
    assert act.adviser.identifier not in text
    assert act.structure.name not in text


ADDRESS = {"OPUS_METRICS_BIND": "127.0.0.1:9464", "OPUS_METRICS_TOKEN": TOKEN}


@pytest.mark.parametrize(
    ("others", "refusal"),
    [
        ({}, ""),
        ({"OPUS_METRICS_TOKEN": ""}, "need OPUS_METRICS_TOKEN"),
        ({"OPUS_FEED_METRICS_BIND": "0.0.0.0:9464"}, "needs a port of its own"),
        ({"OPUS_FEED_METRICS_BIND": "unix:/x"}, "write one host:port"),
    ],
)
def test_an_address_that_would_show_nothing_is_refused(others, refusal) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import opus.settings"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"OPUS_DEMO": "1"} | ADDRESS | others,
        check=False,
        capture_output=True,
        text=True,
    )

    assert (done.returncode != 0) == bool(refusal)
    assert refusal in done.stderr


def test_the_folder_of_a_killed_server_goes_at_the_next_start(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv(startup.METRICS_VARIABLE, "")
    alive, dead = f"opus-metrics-{os.getppid()}-a", "opus-metrics-4194305-b"
    for name in (alive, dead, "else"):
        (tmp_path / name).mkdir()

    startup.make_metrics_folder()
    ours = Path(os.environ[startup.METRICS_VARIABLE])

    assert {one.name for one in tmp_path.iterdir()} == {alive, "else", ours.name}
    assert ours.stat().st_mode & 0o777 == 0o700
    startup.remove_metrics_folder()
    assert not ours.exists()


OF_PROXY = "0123456789abcdef0123456789abcdef"
SECRET = "canari-9215"


def id_of(client: Client, sent: str) -> str:
    return client.get("/livez", headers={"x-request-id": sent})["X-Request-ID"]


@pytest.mark.parametrize("sent", [OF_PROXY, str(uuid.UUID(OF_PROXY)), OF_PROXY.upper()])
def test_a_trusted_proxys_id_is_kept(client, settings, sent):
    settings.TRUSTED_PROXIES = 1

    assert id_of(client, sent) == OF_PROXY


@pytest.mark.parametrize("sent", ["", "karim.benali", OF_PROXY[:-1], f"{OF_PROXY}0"])
def test_an_odd_id_is_replaced(client, settings, sent):
    settings.TRUSTED_PROXIES = 1
    first, second = id_of(client, sent), id_of(client, sent)

    assert first != second
    assert {len(first), len(second)} == {32}
    assert sent not in {first, second}


def test_without_a_trusted_proxy_nobody_chooses_the_id(client):
    assert id_of(client, OF_PROXY) != OF_PROXY


def test_a_request_has_one_line_without_its_address(client):
    """S41: neither path, query, IP address nor browser."""
    with log_lines() as written:
        response = client.get(
            reverse("mailed_document", args=[SECRET]),
            {"q": SECRET},
            headers={"user-agent": SECRET, "referer": f"https://opus.example/{SECRET}"},
            REMOTE_ADDR="192.0.2.77",
        )

    [line] = written
    assert line["method"] == "GET"
    assert line["status"] == response.status_code
    assert line["size"] == len(response.content)
    assert 0 < line["ms"] < 60_000
    assert line["request"] == response["X-Request-ID"]
    assert line["route"] == "mailed_document"
    assert SECRET not in str(line)
    assert "192.0.2.77" not in str(line)


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/livez", "livez"),
        ("/connexion/", "login"),
        (f"/nulle-part/{SECRET}/", "unknown"),
        ("/static/opus/nulle-part.css", "static"),
        ("/admin/", "admin:index"),
    ],
)
def test_the_line_names_the_route(client, path, route):
    with log_lines() as written:
        client.get(path)

    [line] = written
    assert line["route"] == route


def test_the_journal_has_the_id_of_the_request(as_adviser, settings):
    """S37: a line of the log leads to the entry of the journal."""
    settings.TRUSTED_PROXIES = 1
    sent = uuid.uuid4().hex
    as_adviser.post(reverse("logout"), headers={"x-request-id": sent})

    assert AuditEntry.objects.get(request_id=sent).action == "sign_out"


def test_a_task_carries_the_id_of_the_request_that_sent_it():
    app.control.purge()
    logs.set_fields(request=OF_PROXY)
    check_jobs.delay()
    logs.set_fields()

    with app.connection_for_read() as broker:
        message = broker.default_channel.basic_get("celery")
    assert message.headers["opus_request"] == OF_PROXY
    app.control.purge()


def test_no_line_of_the_next_request_has_the_id_of_the_last_one(client):
    client.get("/livez")

    assert logs.current_fields() == {}
