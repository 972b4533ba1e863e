"""R6: each step of an act reaches France Travail's system, signed, once."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from opus.lib import outbox
from opus.lib.models import OutboxEntry
from referrals.actions import follow_up
from referrals.models import DeclaredBy, OutcomeCode
from tests.referrals.factories import CandidateFactory, ReferralFactory

pytestmark = pytest.mark.django_db

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"  # gitleaks:allow


class Receiver:
    """France Travail's side: a real server that checks signatures."""

    def __init__(self) -> None:
        self.status = 200
        self.taken: list[dict[str, Any]] = []
        self.keys: list[str] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                event = Webhook(SECRET).verify(body.decode(), dict(self.headers))
                receiver.keys.append(self.headers["webhook-id"])
                if receiver.status == 200:
                    receiver.taken.append(event)
                self.send_response(receiver.status)
                self.send_header("Location", "/ailleurs")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nothing on the terminal."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/opus"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    receiver = Receiver()
    settings.NOTICES_URL, settings.NOTICES_SECRET = receiver.url, SECRET
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


def relay() -> int:
    return outbox.relay(outbox.Channel.NOTICE)


def waiting() -> int:
    return OutboxEntry.objects.waiting().filter(effect="act-moved").count()


def test_each_step_is_told_by_numbers_and_codes(referral, adviser, receiver):
    code = OutcomeCode.objects.get(code="embauche")
    on = referral.handed_over_on
    follow_up.record_outcome(
        referral, by=adviser, code=code, declared_by=DeclaredBy.EMPLOYER, on=on
    )

    relay()

    told = receiver.taken[-1]
    assert told["type"] == "fr.opus.acte.terminee"
    assert told["subject"] == referral.number
    assert told["data"] == {
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
    assert first.error == "NoticeRefused 503"
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
    settings.NOTICES_URL = ""
    referral = ReferralFactory(candidate__adviser=adviser, handed_over=True)
    follow_up.contact(referral, by=adviser, on=timezone.localdate())

    assert waiting() == 0


def test_a_cancelled_transaction_tells_nothing(referral, receiver, adviser):
    before = waiting()
    with pytest.raises(RuntimeError):
        cancel_and_fail(referral, adviser)

    assert waiting() == before


def cancel_and_fail(referral, adviser) -> None:
    with transaction.atomic():
        follow_up.cancel(referral, by=adviser, reason="candidat")
        raise RuntimeError
