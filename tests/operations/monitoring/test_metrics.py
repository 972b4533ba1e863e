"""The figures for operators: closed without their token, true with it (R15)."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from opus.celery import app
from opus.lib.audit.journal import Action, record
from opus.lib.audit.models import AuditEntry
from opus.lib.database.models import Finding
from opus.lib.files.background_files import FileState
from opus.lib.jobs.models import JobRun
from opus.lib.outbound.models import OutboxEntry
from tests.accounts.factories import AdviserFactory, AlertFactory
from tests.offers.helpers.factories import FeedDeliveryFactory, RejectedEventFactory
from tests.referrals.factories import DocumentFactory, ReferralFactory

pytestmark = pytest.mark.django_db
TOKEN = "jeton-d-essai"


@pytest.fixture
def opened(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def scrape(client: Client) -> dict[str, float]:
    """Each sample by its name and labels, as Prometheus understands it."""
    response = client.get("/metriques/", headers={"authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200
    return {
        " ".join([sample.name, *sorted(sample.labels.values())]): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer autre", TOKEN, "Bearer é"])
def test_without_the_token_the_address_does_not_exist(
    client: Client, given: str
) -> None:
    response = client.get("/metriques/", headers={"authorization": given})

    assert response.status_code == 404
    assert b"opus_" not in response.content


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer"])
def test_where_no_token_is_set_nothing_opens_it(client: Client, given: str) -> None:
    """Off by default."""
    response = client.get("/metriques/", headers={"authorization": given})

    assert response.status_code == 404


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
def test_more_rows_cost_no_more_queries_and_name_nobody(client: Client) -> None:
    """R23, S41."""
    asked = []
    for _ in range(2):
        act = ReferralFactory()
        with CaptureQueriesContext(connection) as queries:
            told = scrape(client)
        asked.append(len(queries))

    assert asked[0] == asked[1] <= 26
    text = " ".join(told)
    assert act.candidate.last_name not in text
    assert act.adviser.identifier not in text
    assert act.structure.name not in text


@pytest.mark.usefixtures("opened")
def test_a_scrape_writes_nothing(client: Client) -> None:
    scrape(client)

    assert not AuditEntry.objects.exists()
