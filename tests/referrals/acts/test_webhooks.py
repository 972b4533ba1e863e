"""R6: each step of an act reaches France Travail's system, signed, once."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from typing import Any

import psycopg
import pytest
from django.core import mail
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from standardwebhooks.webhooks import Webhook

from opus.celery import app
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from opus.lib.outbound.outbox import relay_webhooks
from referrals.acts.outcomes import DeclaredBy, OutcomeCode
from referrals.follow_up import actions as follow_up
from tests.referrals.factories import CandidateFactory, ReferralFactory

pytestmark = pytest.mark.django_db

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"  # gitleaks:allow


class Receiver:
    """France Travail's side: a real server that checks signatures."""

    def __init__(self):
        self.status = 200
        self.taken: list[dict[str, Any]] = []
        self.keys: list[str] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                event = Webhook(SECRET).verify(body.decode(), dict(self.headers))
                receiver.keys.append(self.headers["webhook-id"])
                if receiver.status == 200:
                    receiver.taken.append(event)
                self.send_response(receiver.status)
                self.send_header("Location", "/ailleurs")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                """Nothing on the terminal."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/opus"
        self.thread = threading.Thread(target=self.server.serve_forever, args=[0.05])
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver(settings):
    receiver = Receiver()
    settings.WEBHOOKS_URL, settings.WEBHOOKS_SECRET = receiver.url, SECRET
    yield receiver
    receiver.stop()


@pytest.fixture
def referral(adviser, receiver):
    candidate = CandidateFactory(adviser=adviser, ft_id="12345678901")
    referral = ReferralFactory(candidate=candidate)
    today = timezone.localdate()
    follow_up.hand_over(referral, by=adviser, channel="main", on=today)
    follow_up.contact(referral, by=adviser, on=today)
    return referral


def relay():
    return outbox.relay(outbox.Channel.WEBHOOK)


def waiting():
    return OutboxEntry.objects.waiting().filter(effect="act-moved").count()


def test_each_step_is_told_by_numbers_and_codes(referral, adviser, receiver):
    code = OutcomeCode.objects.get(code="embauche")
    on = referral.handed_over_on
    follow_up.record_outcome(
        referral, by=adviser, code=code, declared_by=DeclaredBy.EMPLOYER, on=on
    )

    relay()

    settings_of = receiver.taken[-1]
    assert settings_of["type"] == "fr.opus.acte.terminee"
    assert settings_of["subject"] == referral.number
    assert settings_of["data"] == {
        "acte": referral.number,
        "nature": "mise_en_contact",
        "etat": "terminee",
        "offre": referral.offer_id,
        "identifiant": "12345678901",
        "siret": referral.structure.siret,
        "le": on.isoformat(),
        "suite": "embauche",
        "selon": "employeur",
    }
    sequences = [int(event["sequence"]) for event in receiver.taken]
    assert sequences == sorted(set(sequences))
    text = json.dumps(receiver.taken)
    assert referral.candidate.last_name not in text
    assert "@" not in text
    assert waiting() == 0


def test_a_notice_that_is_refused_comes_again_under_the_same_number(referral, receiver):
    """And dead letters are seen: those given up stand in the admin's list."""
    receiver.status = 503
    assert relay() == 1  # One system: the first failure ends the relay.
    first = OutboxEntry.objects.exclude(error="").get()
    assert first.error == "WebhookRefused 503"
    assert first.attempts == 1
    receiver.status = 200
    OutboxEntry.objects.filter(pk=first.pk).update(next_attempt_at=first.created_at)

    relay()

    assert receiver.keys.count(str(first.pk)) == 2
    assert waiting() == 0


def test_a_redirection_is_no_answer(referral, receiver):
    receiver.status = 302
    relay()

    assert waiting() > 0
    assert receiver.taken == []


def test_a_system_that_is_away_holds_up_no_letter(referral, receiver, adviser):
    receiver.stop()
    relay()
    assert OutboxEntry.objects.exclude(error="").count() == 1

    follow_up.cancel(referral, by=adviser, reason="candidat")
    outbox.relay()

    assert OutboxEntry.objects.exclude(error="").count() == 1
    assert all(message.to for message in mail.outbox)


def test_nothing_is_told_where_nobody_listens(settings, adviser):
    settings.WEBHOOKS_URL = ""
    referral = ReferralFactory(candidate__adviser=adviser, handed_over=True)
    follow_up.contact(referral, by=adviser, on=timezone.localdate())

    assert waiting() == 0


class Killed(BaseException):
    """The worker's process ends at this very instant: nothing catches it."""


def kill(monkeypatch, where, *, after):
    """End the process before that call, or right after it; only the first time."""
    module, _, name = where.rpartition(".")
    owner = import_string(module) if module.endswith("Entry") else import_module(module)
    real, times = getattr(owner, name), []

    def call(*args, **kwargs):
        times.append(1)
        if len(times) > 1:
            return real(*args, **kwargs)
        if after:
            real(*args, **kwargs)
        raise Killed

    monkeypatch.setattr(owner, name, call)


@pytest.fixture
def one_notice(settings, adviser, receiver):
    """A single notice that waits, committed."""
    candidate = CandidateFactory(adviser=adviser)
    referral = ReferralFactory(candidate=candidate)
    today = timezone.localdate()
    follow_up.hand_over(referral, by=adviser, channel="main", on=today)
    return OutboxEntry.objects.get(effect="act-moved")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("where", "after", "heard"),
    [
        # Composed, not sent yet: France Travail hears it once, from the next relay.
        ("opus.lib.outbound.outbox.send_webhook", False, 1),
        # Taken over there, and not written down here: told again, as the same.
        ("opus.lib.outbound.outbox.send_webhook", True, 2),
        ("opus.lib.outbound.models.OutboxEntry.settle", False, 2),
        # Written, and not committed: the row waits as before.
        ("opus.lib.outbound.models.OutboxEntry.settle", True, 2),
    ],
)
def test_a_relay_that_is_killed_loses_no_notice_and_tells_it_as_the_same(
    one_notice, receiver, monkeypatch, where, after, heard
):
    """R6: at least once, under one ``webhook-id``, never zero."""
    kill(monkeypatch, where, after=after)

    with pytest.raises(Killed):
        relay()
    assert waiting() == 1
    relay()

    assert receiver.keys == [str(one_notice.pk)] * heard
    assert waiting() == 0
    assert OutboxEntry.objects.get().attempts == 0


@pytest.mark.django_db(transaction=True)
def test_a_database_lost_once_france_travail_answered_loses_no_notice(
    one_notice, receiver, monkeypatch
):
    """R6: the mark never came; the notice leaves again under the same number."""
    real, times = outbox.send_webhook, []

    def send(notice, *, key):
        real(notice, key=key)
        if not times:
            times.append(1)
            cut_off()

    monkeypatch.setattr(outbox, "send_webhook", send)

    with pytest.raises(OperationalError):
        relay()
    connection.close()
    assert waiting() == 1
    relay()

    assert receiver.keys == [str(one_notice.pk)] * 2
    assert waiting() == 0


@pytest.mark.django_db(transaction=True)
def test_a_database_lost_before_its_commit_tells_nothing(adviser, receiver):
    """R6: the act did not move, so nobody is told that it did."""
    referral = ReferralFactory(candidate=CandidateFactory(adviser=adviser))

    with pytest.raises(OperationalError):
        hand_over_and_lose_the_database(referral, adviser)
    connection.close()
    relay()

    assert receiver.keys == []


@pytest.mark.django_db(transaction=True)
def test_a_broker_away_leaves_the_notice_to_the_sweep(adviser, receiver, monkeypatch):
    """R6: the wake is lost, the row is not."""
    heard = []

    def lose(task, *_, **__):
        heard.append(task.name)
        raise task.OperationalError

    monkeypatch.setattr(app.Task, "apply_async", lose)
    referral = ReferralFactory(candidate=CandidateFactory(adviser=adviser))
    follow_up.hand_over(referral, by=adviser, channel="main", on=timezone.localdate())

    relay_webhooks()

    assert relay_webhooks.name in heard
    assert len(receiver.taken) == 1


def cut_off():
    """PostgreSQL ends our connection, as a restart does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    with psycopg.connect(**settings_of(connection), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def settings_of(database):
    known = database.get_connection_params()
    return {
        name: known[name]
        for name in ("host", "port", "user", "password", "dbname")
        if name in known
    }


def hand_over_and_lose_the_database(referral, adviser):
    with transaction.atomic():
        follow_up.hand_over(
            referral, by=adviser, channel="main", on=timezone.localdate()
        )
        cut_off()
        connection.cursor().execute("SELECT 1")
