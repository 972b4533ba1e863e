"""Each request: an id, one line of the log, its figures (R15, S41)."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from opus.celery import app
from opus.lib import logs
from opus.lib.audit.models import AuditEntry
from opus.operations.tasks import check_jobs
from tests.log_lines import log_lines

pytestmark = pytest.mark.django_db
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
