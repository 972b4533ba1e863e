"""From the act to its PDF through a real broker and a real worker (R6, R7, S34)."""

import uuid

import pytest
from django.db import close_old_connections
from kombu import Connection, Queue
from kombu.exceptions import OperationalError

from opus.celery import app
from referrals.direct.actions import refer
from referrals.direct.models import Referral
from referrals.documents.models import Document
from tests.conftest import wait_until
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory, DocumentFactory

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module", autouse=True)
def _broker_answers(broker):
    """``bin/test`` starts one; without it there is nothing to prove here."""
    try:
        with Connection(broker, connect_timeout=2) as connection:
            connection.ensure_connection(max_retries=1)
    except OperationalError:
        pytest.fail("no broker answers at REDIS_URL")


def is_ready(document):
    close_old_connections()
    return Document.objects.get(pk=document.pk).is_ready


def make_act():
    candidate = CandidateFactory()
    return refer(
        OfferFactory().pk, candidate.pk, by=candidate.adviser, key=uuid.uuid4()
    )


def test_an_act_has_its_pdf_within_seconds(worker):
    document = make_act().documents.get()

    wait_until(lambda: is_ready(document))

    document.refresh_from_db()
    assert bytes(document.content).startswith(b"%PDF-1.7")
    assert document.attempts == 1


def test_the_sweep_prints_what_no_worker_was_told_of(worker):
    """R6: the broker was away when the act was made."""
    document = DocumentFactory()

    app.send_task("opus.lib.background_files.make_waiting_files")

    wait_until(lambda: is_ready(document))


def test_a_pickled_message_is_refused_and_the_worker_goes_on(worker):
    """S34."""
    with app.connection_for_write() as connection:
        queue = Queue(app.conf.task_default_queue)
        connection.Producer(serializer="pickle").publish(
            {"task": "x"}, exchange="", routing_key=queue.name, declare=[queue]
        )
    document = make_act().documents.get()

    wait_until(lambda: is_ready(document))
    assert Referral.objects.count() == 1
