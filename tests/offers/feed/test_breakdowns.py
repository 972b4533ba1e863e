"""The feed against breakdowns and against itself: all or nothing, no circle."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections

from offers.catalogue import writes
from offers.catalogue.models import Offer, OfferSearch
from offers.feed import apply
from offers.feed.models import EventQuarantine, FeedDelivery, FeedEvent, PendingOffer
from offers.files.importer import import_offers
from tests.offers.helpers.factories import OfferFactory
from tests.offers.helpers.feed import browser, content, event, figures_of, post

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("open_feed"),
]


def in_threads(*calls: Callable[[], Any]) -> list[Any]:
    """The results of calls that run at once, each on a connection of its own."""

    def run(call: Callable[[], Any]) -> Any:
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, c) for c in calls]]


def nothing_is_left() -> bool:
    tables = [FeedDelivery, FeedEvent, EventQuarantine, PendingOffer]
    return not any(table.objects.exists() for table in tables)


# --- The database away ---------------------------------------------------------------


def test_a_database_away_is_a_503_and_the_retry_is_applied_whole(client):
    """R13."""
    OfferFactory(reference="188VMCV")
    events = [event("annulee"), event("creee", "199ABCD"), {"id": "malsain"}]
    address = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nowhere"

    response = post(client, events, key="msg-1")

    connection.close()
    connection.settings_dict["HOST"] = address
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert response["Content-Type"] == "application/json"
    assert figures_of(post(client, events, key="msg-1"))[:3] == (3, 2, 0)


@pytest.mark.parametrize("step", ["read_locked", "write_offers", "set_aside"])
def test_a_batch_cut_off_anywhere_leaves_nothing_and_its_retry_is_applied(
    client, monkeypatch, step
):
    """R3, R13: nothing is applied by half."""
    OfferFactory(reference="188VMCV")
    events = [event("annulee"), event("creee", "199ABCD"), {"id": "malsain"}]
    real = getattr(apply, step)

    def do_it_then_die(*args: Any, **kwargs: Any) -> None:
        real(*args, **kwargs)
        # As when somebody pulls the plug: the server ends this very connection.
        writes.execute("SELECT pg_terminate_backend(pg_backend_pid())").fetchone()

    with monkeypatch.context() as patch:
        patch.setattr(apply, step, do_it_then_die)
        response = post(client, events, key="msg-1")

    assert response.status_code == 503
    assert nothing_is_left()
    assert set(Offer.objects.values_list("pk", "state")) == {("188VMCV", "active")}
    assert figures_of(post(client, events, key="msg-1"))[:3] == (3, 2, 0)
    assert Offer.objects.get(pk="188VMCV").state == "annulee"


def test_an_offer_held_too_long_is_a_503(client, monkeypatch):
    """R13: the sender waits, no worker does."""
    OfferFactory(reference="188VMCV")
    held, done = threading.Event(), threading.Event()

    def keep_lock() -> None:
        with writes.writing_offers():
            Offer.objects.select_for_update().get(pk="188VMCV")
            held.set()
            done.wait(20)

    monkeypatch.setitem(apply.OPTIONS, "statement_timeout", "200ms")
    with ThreadPoolExecutor(1) as pool:
        holder = pool.submit(lambda: in_threads(keep_lock))
        held.wait(20)
        response = post(client, [event("annulee")], key="msg-1")
        done.set()
        holder.result()

    assert response.status_code == 503
    assert nothing_is_left()


# --- Two at once ---------------------------------------------------------------------


def test_two_batches_over_the_same_offers_never_wait_in_a_circle():
    """Locked in one order, whatever the order of their events."""
    names = [f"199AB{a}{b}" for a in "ABCDE" for b in "ABCDEFGH"]
    for name in names[::2]:
        OfferFactory(reference=name)

    def send(kind: str, order: int, start: int) -> Callable[[], list[int]]:
        def run() -> list[int]:
            statuses = []
            for turn in range(6):
                events = [event(kind, name, start + turn) for name in names[::order]]
                statuses.append(post(browser(), events).status_code)
            return statuses

        return run

    answers = in_threads(
        send("suspendue", 1, 100), send("reactivee", -1, 200), send("modifiee", 1, 300)
    )

    assert answers == [[200] * 6] * 3
    assert Offer.objects.active().count() == len(names)
    assert OfferSearch.objects.count() == len(names)


def test_one_delivery_sent_twice_at_once_counts_once():
    """S36."""
    events = [event("creee", f"199AB{letter}") for letter in "CDEFG"]
    start = threading.Barrier(2)

    def send() -> tuple[int, int]:
        start.wait()
        return figures_of(post(browser(), events, key="msg-1"))[1:3]

    assert sorted(in_threads(send, send)) == [(0, 5), (5, 0)]
    assert FeedDelivery.objects.count() == 1


@pytest.mark.parametrize("is_held", [True, False])
def test_a_file_and_an_early_event_do_not_miss_each_other(
    write_file, monkeypatch, is_held
):
    """R3: the file makes the offer while its cancellation is being kept.

    Without ``LOCK_UNKNOWN``, the negative control, the offer comes out active.
    """
    file = write_file([content()])
    kept, made = threading.Event(), threading.Event()
    keep = apply.set_aside

    def keep_then_wait(rejects: Any) -> None:
        keep(rejects)
        kept.set()
        made.wait(1)

    monkeypatch.setattr(apply, "set_aside", keep_then_wait)
    if not is_held:
        monkeypatch.setattr(writes, "LOCK_UNKNOWN", "SELECT 1")

    def read_file() -> None:
        kept.wait(20)
        import_offers([file])
        made.set()

    in_threads(lambda: post(browser(), [event("annulee")]), read_file)

    assert Offer.objects.get().state == ("annulee" if is_held else "active")
