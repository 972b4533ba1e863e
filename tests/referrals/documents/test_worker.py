"""From the act to its PDF through a real broker and a real worker (R6, R7, S34)."""

import io
import os
import signal
import uuid

import pikepdf
import pytest
from django.db import close_old_connections
from django.utils import timezone
from kombu import Connection, Queue
from kombu.exceptions import OperationalError

from opus.celery import app
from referrals.acts.act_rights import ActKind
from referrals.direct.models import Referral
from referrals.documents import actions
from referrals.documents.actions import make_document
from referrals.documents.models import Document, PrintJob
from referrals.making.actions import make
from tests.accounts.factories import AdviserFactory
from tests.conftest import wait_until
from tests.offers.helpers.factories import OfferFactory
from tests.offers.search.test_export_worker import processes_of
from tests.referrals.factories import CandidateFactory, DocumentFactory, ReferralFactory
from tests.referrals.print_job_cases import make_job

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
    return make(
        ActKind.REFERRAL,
        OfferFactory().pk,
        candidate.pk,
        by=candidate.adviser,
        key=uuid.uuid4(),
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


# --- Print jobs ----------------------------------------------------------------------


def again(job):
    close_old_connections()
    return PrintJob.objects.get(pk=job.pk)


def papers(adviser, number):
    offer = OfferFactory()
    people = CandidateFactory.create_batch(number, adviser=adviser)
    return [
        make_document(ReferralFactory(candidate=one, offer=offer)) for one in people
    ]


def test_a_job_is_ready_within_seconds_of_its_asking(worker):
    adviser = AdviserFactory()
    acts = [paper.act_id for paper in papers(adviser, 3)]

    job = actions.request_job(acts, by=adviser, key=uuid.uuid4())

    wait_until(lambda: again(job).is_ready)
    assert len(pikepdf.open(io.BytesIO(bytes(again(job).content))).pages) == 3


@pytest.mark.thorough
def test_a_job_whose_worker_was_killed_half_way_is_made_by_the_next(worker_to_kill):
    """R7: the row tells that nothing is heard of it, the sweep finds it."""
    adviser = AdviserFactory()
    job = make_job(adviser, papers(adviser, 40))
    processes = processes_of(worker_to_kill)
    app.send_task(
        "opus.lib.background_files.make_file", ["referrals.printjob", str(job.pk)]
    )
    wait_until(lambda: again(job).rows_done > 0)

    # As the system does that runs out of memory: without a word.
    for pid in processes:
        os.kill(pid, signal.SIGKILL)

    half = again(job)
    assert (half.state, half.content) == ("en_cours", None)
    assert 0 < half.rows_done < 40
    # A minute later.
    PrintJob.objects.update(next_attempt_at=timezone.now())
    app.send_task("opus.lib.background_files.make_waiting_files")
    wait_until(lambda: again(job).is_ready)
    assert (again(job).rows_done, again(job).attempts) == (40, 2)
