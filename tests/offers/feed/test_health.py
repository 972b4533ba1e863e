"""R5: what the feed's silence changes for people, and what ends it."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from offers.feed.models import EventQuarantine, FeedDelivery, FeedEvent
from offers.files.models import ImportRun
from offers.tasks import tidy_feed
from tests.conftest import sign_in
from tests.offers.helpers.factories import (
    FeedDeliveryFactory,
    FeedEventFactory,
    RejectedEventFactory,
)
from tests.offers.helpers.feed import SECRET, post
from tests.opus.page import Page

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 24, 13, 40, tzinfo=dt.UTC)  # 14 h 40 in Paris
TOLD = "Les offres n’ont pas été mises à jour depuis"


@pytest.fixture(autouse=True)
def the_feed_is_open(settings):
    settings.FEED_SECRETS = [SECRET]
    with time_machine.travel(NOW, tick=False):
        yield


def sign_of_life(minutes: float) -> None:
    at = timezone.now() - dt.timedelta(minutes=minutes)
    FeedDeliveryFactory(received_at=at)


def page_of(client, path: str = "/offres/") -> str:
    page = client.get(path, follow=True)
    return " ".join(page.content.decode().replace("\xa0", " ").split())


@pytest.mark.parametrize(
    ("minutes", "is_told"), [(4.9, False), (5, False), (5.1, True)]
)
def test_five_minutes_of_silence_are_told_on_each_page(as_adviser, minutes, is_told):
    sign_of_life(minutes)

    for path in ("/", "/offres/", "/candidats/", "/mises-en-contact/", "/profil/"):
        assert (TOLD in page_of(as_adviser, path)) is is_told


def test_the_badge_says_since_when(as_adviser):
    """A badge of the header, whose fold says what the silence changes."""
    sign_of_life(18)
    badge = Page.of(as_adviser.get("/candidats/")).one(
        "details", **{"class": "opus-feed"}
    )
    assert "header" in badge.within
    assert badge.words().startswith("Offres pas à jour depuis 14 h 22")
    assert "vérifiez auprès de l’agence" in badge.words()
    assert "« à confirmer »" in badge.words()

    FeedDelivery.objects.update(received_at=NOW - dt.timedelta(minutes=8))
    assert f"{TOLD} 14 h 32." in page_of(as_adviser)

    FeedDelivery.objects.update(received_at=NOW - dt.timedelta(days=1))
    assert f"{TOLD} le 23 novembre à 14 h 40." in page_of(as_adviser)


def test_an_empty_batch_ends_the_silence(client, as_adviser):
    sign_of_life(60)
    assert TOLD in page_of(as_adviser)

    post(client, [])

    assert TOLD not in page_of(as_adviser)


def test_a_refused_batch_ends_nothing(client, as_adviser):
    sign_of_life(60)

    assert post(client, [], secret="whsec_bWF1dmFpcw==").status_code == 401

    assert TOLD in page_of(as_adviser)


def test_without_a_feed_nobody_waits_for_one(as_adviser, settings):
    settings.FEED_SECRETS = []

    page = page_of(as_adviser)

    assert "opus-feed" not in page
    assert as_adviser.get("/readyz").content == b"ok"


def test_before_its_first_sign_silence_counts_from_the_last_import(as_adviser):
    assert "Opus n’a encore reçu aucune mise à jour des offres." in page_of(as_adviser)

    ImportRun.objects.create(ended_at=NOW - dt.timedelta(minutes=8))
    assert f"{TOLD} 14 h 32." in page_of(as_adviser)

    ImportRun.objects.update(ended_at=NOW)
    assert "opus-feed" not in page_of(as_adviser)


@pytest.mark.parametrize(("minutes", "state"), [(4, b"ok"), (6, b"degraded")])
def test_a_silent_feed_is_degraded_and_still_ready(client, minutes, state):
    """R15."""
    sign_of_life(minutes)

    response = client.get("/readyz")

    assert (response.status_code, response.content) == (200, state)


def test_the_page_of_the_services_state_tells_it(client):
    sign_of_life(6)

    page = page_of(client, "/etat-du-service/")

    assert "Opus fonctionne, mais les offres ne sont plus mises à jour" in page
    assert "le 24 novembre 2026 à 14 h 34" in page


def test_strangers_and_staff_see_no_badge(client, ft_admin):
    sign_of_life(60)

    assert TOLD not in page_of(client, "/accessibilite/")
    sign_in(client, ft_admin)
    assert TOLD not in page_of(client, "/admin/")


def test_the_badge_costs_no_query(as_adviser, settings):
    """R23: its dates come with the account."""
    sign_of_life(1)
    as_adviser.get("/candidats/")  # The session is touched once a minute.
    counts = []
    for secrets in ([], [SECRET]):
        settings.FEED_SECRETS = secrets
        with CaptureQueriesContext(connection) as queries:
            as_adviser.get("/candidats/")
        counts.append(len(queries))

    assert counts[1] == counts[0]


def test_what_no_retry_can_ask_for_is_dropped():
    now = timezone.now()
    for days in (29, 31):
        FeedDeliveryFactory(received_at=now - dt.timedelta(days=days))
    for days in (89, 91):
        at = now - dt.timedelta(days=days)
        FeedEventFactory(received_at=at)
        RejectedEventFactory(settled_at=at)
    RejectedEventFactory(first_at=now - dt.timedelta(days=400))

    tidy_feed()

    counts = [m.objects.count() for m in (FeedDelivery, FeedEvent, EventQuarantine)]
    assert counts == [1, 1, 2]
