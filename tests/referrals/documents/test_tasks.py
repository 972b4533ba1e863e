"""Making PDFs after the answer: once, whatever fails (R6, R7, R14, S34)."""

import datetime as dt
import json
import socket
from types import SimpleNamespace

import pytest
import time_machine
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils import timezone

from opus import gunicorn
from opus.celery import app
from opus.lib import jobs
from opus.lib.background_files import (
    MAX_ATTEMPTS,
    SWEEP_EVERY,
    WRITERS,
    make_waiting_files,
)
from opus.lib.documents import pdf
from referrals.acts.act_rights import ActKind
from referrals.documents.jobs import load_printer
from referrals.documents.models import Document
from referrals.making.actions import make
from tests.accounts.factories import AdviserFactory, ExportFactory, LetterFactory
from tests.files import make_file
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory, DocumentFactory
from tests.referrals.print_job_cases import make_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def document():
    return DocumentFactory()


def run(document):
    make_file(document)
    document.refresh_from_db()


@pytest.fixture
def sent(monkeypatch):
    """What would have gone to the broker: the task's name and its arguments."""
    messages = []

    def note(self, args=None, kwargs=None, **options):
        messages.append((self.name, args, kwargs))

    monkeypatch.setattr(app.Task, "apply_async", note)
    return messages


def test_the_worker_prints_once_however_often_it_is_told(document, monkeypatch):
    """R6."""
    prints = []
    lay_out = pdf.lay_out
    monkeypatch.setattr(
        pdf, "lay_out", lambda *args: prints.append(1) or lay_out(*args)
    )
    for _ in range(3):
        run(document)

    assert document.is_ready
    assert bytes(document.content).startswith(b"%PDF-")
    assert document.size == len(document.content)
    assert len(prints) == 1


def test_a_document_that_a_worker_holds_is_left_to_it(document):
    """R6: two workers told of the same document."""
    assert Document.claim(document.pk) == document

    run(document)

    assert document.is_unfinished
    assert document.attempts == 1


def test_a_document_whose_worker_died_is_taken_again_after_its_lease(document):
    """R7."""
    Document.claim(document.pk)

    with time_machine.travel(timezone.now() + dt.timedelta(seconds=61)):
        run(document)

    assert document.is_ready


def test_a_text_that_kills_its_worker_is_given_up_after_a_few(document):
    """R7: the attempt is counted before the work."""
    for minutes in range(MAX_ATTEMPTS + 1):
        with time_machine.travel(timezone.now() + dt.timedelta(minutes=2 * minutes)):
            Document.claim(document.pk)

    document.refresh_from_db()
    assert (document.has_failed, document.failure) == (True, "panne")


@pytest.mark.parametrize(
    ("error", "failure"),
    [(RuntimeError("Benali"), "panne"), (SoftTimeLimitExceeded(), "duree")],
)
def test_a_failure_is_put_off_each_time_later_then_given_up(
    document, monkeypatch, caplog, error, failure
):
    """S34: the log tells the kind of failure and nothing of the text."""

    def fail(*args):
        raise error

    monkeypatch.setattr(pdf, "lay_out", fail)
    now, waits = timezone.now(), []
    for _ in range(MAX_ATTEMPTS):
        with time_machine.travel(now):
            run(document)
            waits.append(document.next_attempt_at - timezone.now())
            now = document.next_attempt_at + dt.timedelta(seconds=1)

    assert document.has_failed
    assert document.failure == failure
    assert waits[:2] == sorted(waits[:2])
    assert "Benali" not in caplog.text


def test_a_server_without_its_printer_says_so_at_once(document, monkeypatch, caplog):
    """Missing Pango: neither the worker nor the page falls."""

    def missing(name):
        raise OSError("cannot load library 'libpango-1.0-0'\nSee the documentation")

    pdf._printer.cache_clear()
    monkeypatch.setattr(pdf.importlib, "import_module", missing)
    try:
        run(document)
        load_printer()
    finally:
        pdf._printer.cache_clear()

    assert (document.has_failed, document.failure) == (True, "imprimante")
    assert "libpango" in caplog.text


def test_a_sheet_that_takes_two_pages_is_set_tighter(document, monkeypatch):
    """U4: on a machine whose font is wider than the one counted with."""
    asked = []

    def lay_out(html, *styles):
        asked.append([style.name for style in styles])
        return SimpleNamespace(pages=["page"] * (3 - len(asked)))

    monkeypatch.setattr(pdf, "lay_out", lay_out)
    monkeypatch.setattr(pdf, "write", lambda _: b"%PDF-")
    run(document)

    assert asked == [["paper.css"], ["paper.css", "tight.css"]]
    assert document.is_ready


def test_the_sweep_sends_what_no_worker_knows_of_every_kind_and_nothing_else(sent):
    """R6."""
    waiting = [
        DocumentFactory(),
        LetterFactory(waiting=True),
        ExportFactory(),
        make_job(AdviserFactory()),
    ]
    DocumentFactory(ready=True)
    DocumentFactory(next_attempt_at=timezone.now() + dt.timedelta(minutes=1))

    make_waiting_files()

    names = {(args[0], args[1]) for _, args, _ in sent}
    assert {(file._meta.label_lower, str(file.pk)) for file in waiting} <= names
    assert {table for table, _ in names} <= {one._meta.label_lower for one in WRITERS}
    # The job has a document of its own.
    assert len(sent) == len(waiting) + 1


def test_the_sweep_is_on_the_timetable_every_ten_seconds():
    """R6."""
    entry = app.conf.beat_schedule["make-waiting-files"]

    assert entry["task"] == make_waiting_files.name
    assert entry["schedule"] == SWEEP_EVERY == 10


def test_the_worker_is_told_after_commit_of_an_id_and_nothing_else(
    sent, django_capture_on_commit_callbacks
):
    """S34."""
    candidate = CandidateFactory(last_name="Canari")
    with django_capture_on_commit_callbacks() as callbacks:
        referral = make(
            ActKind.REFERRAL,
            OfferFactory().pk,
            candidate.pk,
            by=candidate.adviser,
            key=candidate.pk,
        )
        assert sent == []
    for callback in callbacks:
        callback()

    document = referral.documents.get()
    assert [message[:2] for message in sent] == [
        (
            "opus.lib.background_files.make_file",
            ("referrals.document", str(document.pk)),
        )
    ]
    assert "Canari" not in json.dumps(sent)


@pytest.mark.django_db(transaction=True)
def test_an_absent_broker_costs_the_act_nothing(monkeypatch, caplog):
    """R14."""
    candidate = CandidateFactory()
    broker_at("localhost:1", monkeypatch)
    started = timezone.now()

    referral = make(
        ActKind.REFERRAL,
        OfferFactory().pk,
        candidate.pk,
        by=candidate.adviser,
        key=candidate.pk,
    )

    assert referral.documents.get().is_unfinished
    assert timezone.now() - started < dt.timedelta(seconds=3)
    assert "left to the sweep" in caplog.text


def broker_at(address, monkeypatch):
    # A connection that was open before would not be asked for again.
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    monkeypatch.setattr(app, "_pool", None)
    monkeypatch.setitem(app.conf, "broker_write_url", f"redis://{address}")
    # Put back at the end: the next test's broker is there.
    monkeypatch.setattr(jobs, "_broker_is_away_until", 0.0)


def test_one_page_waits_for_a_frozen_broker_and_the_next_ones_do_not(monkeypatch):
    """R14: it takes connections, as a frozen Valkey does, and never answers."""
    monkeypatch.setattr(jobs, "TRIED_AGAIN_AFTER", 600)
    options = dict(app.conf.broker_transport_options)
    monkeypatch.setattr(settings, "CELERY_BROKER_TRANSPORT_OPTIONS", options)
    gunicorn.on_starting(SimpleNamespace(cfg=SimpleNamespace(address=[])))
    monkeypatch.setitem(app.conf, "broker_transport_options", options)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        broker_at(f"127.0.0.1:{silent.getsockname()[1]}", monkeypatch)
        for _ in range(20):
            jobs.enqueue(make_waiting_files)
        silent.settimeout(0)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()

    assert options["socket_timeout"] == 1


def test_only_json_is_accepted():
    """S34."""
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"
    assert app.conf.task_ignore_result is True
