"""Measure what each kind of page costs Python, and PostgreSQL, in processor time.

In process, one after the other, so that other work beside changes little: the seconds
of this process, and those of its own connection.
"""

import logging
import statistics
import time
import uuid
from collections.abc import Callable

from common import Failed, step
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse

from accounts.signin.passwords import Argon2Hasher
from accounts.users.models.users import User
from demo.synthetic.sender import PATH
from offers.catalogue.models import Offer
from opus.lib.background_files import page_of
from referrals.acts.act_rights import ActKind
from referrals.documents.models import Document
from referrals.making.actions import make
from tests.accounts.factories import PASSWORD, AdviserFactory
from tests.benches.feed import WORDS, content_of, event, live_references, signed
from tests.benches.measures import Table, cpu_of, print_heading, print_one
from tests.benches.million import Million, warm
from tests.benches.site import Site, feed_secret, number_accounts, open_session
from tests.referrals.factories import CandidateFactory

EACH = 40  # An account sees sixty persons an hour.
NOT_COUNTED = 8


def run(million: Million) -> None:
    with million.copy("costs") as environment:
        warm(environment)
        print_heading(f"Processor a page: {million.offers:,} offers")
        logging.disable()
        number_accounts()
        by = AdviserFactory()
        client = open_client(by)
        secret = feed_secret()
        table = Table("what", "Python ms", "PostgreSQL ms", "count")
        with override_settings(FEED_SECRETS=[secret]):
            for name, work in works(client, by, secret).items():
                with step(name):
                    table.add(name, *cost_of(work), EACH)
        table.print()


def open_client(by: User) -> Client:
    client = Client(SERVER_NAME="localhost", headers={"host": "localhost"})
    client.cookies[settings.SESSION_COOKIE_NAME] = str(open_session(by).session_key)
    return client


def works(client: Client, by: User, secret: str) -> dict[str, Callable[[int], object]]:
    offers = Offer.objects.active().filter(preselection=False, delegated=False)
    numbers = list(offers.values_list("pk", flat=True)[: 4 * (EACH + NOT_COUNTED)])
    people = [CandidateFactory(adviser=by) for _ in range(EACH + NOT_COUNTED)]
    feed = Site("", "", secret)
    hasher = Argon2Hasher()
    fresh = live_references(2 * (EACH + NOT_COUNTED))

    def get(path: str) -> None:
        answer = client.get(path, secure=True)
        if answer.status_code != 200:
            raise Failed(f"{path}: {answer.status_code}")

    def confirm(number: int) -> None:
        get(reverse("referral_confirm", args=[numbers[number], people[number].pk]))

    def act(number: int) -> None:
        make(
            ActKind.REFERRAL,
            numbers[number],
            people[number].pk,
            by=by,
            key=uuid.uuid4(),
        )

    def send_event(kind: str, reference: str) -> None:
        content = content_of(reference)
        body, headers = signed(feed, [event(kind, content, reference)])
        kind_of_body = headers.pop("Content-Type")
        answer = client.post(
            PATH, body, content_type=kind_of_body, headers=headers, secure=True
        )
        if answer.status_code != 200:
            raise Failed(f"event: {answer.status_code}")

    def print_document(number: int) -> None:
        document = Document.objects.all()[number]
        print_one(page_of(document, document.title))

    return {
        "page of results": lambda n: get(f"/offres/?q={WORDS[n % len(WORDS)]}"),
        "offer": lambda n: get(f"/offres/{numbers[n]}/"),
        "home": lambda _: get("/"),
        "persons": lambda _: get(reverse("candidates")),
        "act, before its confirmation": confirm,
        "act": act,
        "its document": print_document,
        "password of a sign-in": lambda _: hasher.encode(PASSWORD, hasher.salt()),
        "event: content": lambda n: send_event("modifiee", fresh[n]),
        "event: withdrawal": lambda n: send_event("suspendue", fresh[-1 - n]),
    }


def cost_of(work: Callable[[int], object]) -> tuple[float, float]:
    """Return the mean milliseconds of this process, and of its connection."""
    for number in range(NOT_COUNTED):
        work(EACH + number)
    pid = backend()
    before, ours = cpu_of(pid), []
    for number in range(EACH):
        began = time.process_time()
        work(number)
        ours.append(time.process_time() - began)
    if backend() != pid:
        raise Failed("The connection changed: its processor time is unknown.")
    theirs = (cpu_of(pid) - before) / EACH
    return 1000 * statistics.fmean(ours), 1000 * theirs


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])
