"""The simulator: a day that looks real, and an Opus that ends where the day does."""

import datetime as dt
import json
from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from demo.synthetic import make_offers
from demo.synthetic.events import KINDS, Life, Traffic, batches
from demo.synthetic.sender import Sender, Undelivered
from offers.catalogue.models import Offer
from offers.feed.models import FeedDelivery
from tests.offers.helpers.feed import OTHER_SECRET, SECRET, URL, figures_of, post
from tests.offers.helpers.naive_precedence import kind_of

NOW = dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC)


def a_day(seed: int = 7, size: int = 20, count: int = 600):
    life = Life(seed, now=lambda: NOW)
    return life, list(batches(Traffic(life), size, count))


@pytest.mark.django_db
def test_opus_ends_where_the_day_ends(client, settings):
    """R3: whatever came twice, late or in the wrong order."""
    settings.FEED_SECRETS = [SECRET]
    life, day = a_day()

    for batch in day:
        assert figures_of(post(client, batch))[3] == []

    known = dict(Offer.objects.values_list("pk", "state"))
    assert known == {number: offer.state for number, offer in life.offers.items()}
    titles = {
        number: offer.content["intitule"] for number, offer in life.offers.items()
    }
    assert dict(Offer.objects.values_list("pk", "title")) == titles


def test_a_day_holds_all_that_happens_and_how_it_travels():
    _, day = a_day()
    events = [item for batch in day for item in batch]
    kinds = Counter(map(kind_of, events))
    last: dict[str, int] = {}
    late = 0
    for item in events:
        number = int(item["sequence"])
        late += number < last.get(item["subject"], 0)
        last[item["subject"]] = max(number, last.get(item["subject"], 0))

    assert set(kinds) == set(KINDS)
    assert len(events) > len({item["id"] for item in events}) == 600
    assert late > 5


def test_the_same_seed_gives_the_same_day():
    assert a_day(seed=3)[1] == a_day(seed=3)[1]
    assert a_day(seed=3)[1] != a_day(seed=4)[1]


def test_events_may_be_about_offers_that_are_there_already():
    stock = list(make_offers(30, seed=2))
    life = Life(7, stock, now=lambda: NOW)

    touched = {life.next_event()["subject"] for _ in range(200)}

    assert touched & {offer["id"] for offer in stock}


@pytest.fixture
def opus(live_server, settings):
    """An Opus that listens, with its feed open."""
    settings.FEED_SECRETS = [SECRET]
    settings.ALLOWED_HOSTS = ["*"]
    return live_server.url


def run(url: str, **options) -> dict[str, int]:
    out = StringIO()
    defaults = {"url": url, "rate": 0, "events": 120, "stock": 20, "seed": 7}
    call_command("simulate_feed", stdout=out, **defaults | options)
    return {
        line.split()[0]: int(line.split()[1]) for line in out.getvalue().splitlines()
    }


@pytest.mark.django_db(transaction=True)
def test_the_command_plays_a_day_over_http(opus):
    figures = run(opus)

    assert figures["recus"] >= 140
    assert figures["rejetes"] == 0
    assert figures["appliques"] + figures["ignores"] == figures["recus"]
    states = set(Offer.objects.values_list("state", flat=True))
    assert {"active", "suspendue"} <= states
    assert FeedDelivery.objects.filter(lag_seconds__lt=120).exists()


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_known_offers_come_from_a_file(opus, tmp_path):
    path = tmp_path / "offres.jsonl"
    path.write_text("".join(json.dumps(o) + "\n" for o in make_offers(5, seed=2)))

    run(opus, offers=str(path), stock=0)

    known = {offer["id"] for offer in make_offers(5, seed=2)}
    assert Offer.objects.filter(pk__in=known).exists()


@pytest.mark.django_db(transaction=True)
def test_a_wrong_secret_is_told_at_once(opus):
    with pytest.raises(CommandError, match="401"):
        run(opus, secret=OTHER_SECRET)


def test_without_a_secret_there_is_nothing_to_sign_with():
    with pytest.raises(CommandError, match="OPUS_FEED_SECRETS"):
        run("http://localhost:1")


@pytest.mark.django_db(transaction=True)
def test_a_delivery_that_opus_could_not_take_is_sent_again(opus, monkeypatch):
    """R13: the same key, after the time that Opus asked for."""
    waited: list[float] = []
    sender = Sender(opus, SECRET, sleep=waited.append)
    answers = iter([503, 503])
    keys: list[str] = []
    real = sender.post

    def post_again(body, key):
        keys.append(key)
        if next(answers, None):
            return Sender("http://localhost:1", SECRET).post(body, key)
        return real(body, key)

    monkeypatch.setattr(sender, "post", post_again)

    assert sender.send([])["recus"] == 0
    assert len(set(keys)) == 1
    assert len(keys) == 3
    assert waited == [1.0, 2.0]


def test_an_opus_that_never_answers_is_given_up():
    with pytest.raises(Undelivered, match=URL):
        Sender("http://localhost:1", SECRET, sleep=lambda _: None).send([])


@pytest.mark.thorough
def test_the_clock_of_events_is_that_of_the_sender():
    life = Life(7, now=timezone.now)

    assert life.create()["time"].endswith("Z")
