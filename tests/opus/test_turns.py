"""Heavy pages take turns in a process, so that an event of the feed waits for one."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.http import HttpResponse

from offers.views import search
from opus.lib import turns

HANDS = 4


class Page:
    """A page that four ask at once: it ends when all four are inside, or shortly."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self.all_inside = threading.Event()

    def __call__(self, request: object) -> HttpResponse:
        self.inside += 1
        self.most = max(self.most, self.inside)
        if self.inside == HANDS:
            self.all_inside.set()
        self.all_inside.wait(0.05)
        self.inside -= 1
        return HttpResponse()


def ask_at_once(view: Callable[[object], HttpResponse]) -> None:
    with ThreadPoolExecutor(HANDS) as pool:
        for answer in [pool.submit(view, None) for _ in range(HANDS)]:
            assert answer.result(5).status_code == 200


@pytest.fixture(autouse=True)
def one_turn(monkeypatch):
    monkeypatch.setattr(turns, "TURNS", threading.BoundedSemaphore(1))


def test_heavy_pages_are_made_one_after_the_other():
    page = Page()

    ask_at_once(turns.in_turn(page))

    assert page.most == 1


def test_without_turns_they_are_made_together():
    """Negative control."""
    page = Page()

    ask_at_once(page)

    assert page.most == HANDS


def test_a_page_that_fails_gives_its_turn_back():
    @turns.in_turn
    def broken(request: object) -> HttpResponse:
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            broken(None)


def test_a_page_that_is_stuck_does_not_hold_the_others(monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    turns.TURNS.acquire()
    answered = turns.in_turn(lambda request: HttpResponse())

    assert [answered(None).status_code, answered(None).status_code] == [200, 200]
    turns.TURNS.release()
    # Nobody gave back a turn that he did not have.
    with pytest.raises(ValueError, match="released"):
        turns.TURNS.release()


@pytest.mark.django_db
def test_results_take_a_turn_and_light_pages_do_not(as_adviser, monkeypatch):
    taken = []

    class Counted:
        def acquire(self, timeout: float) -> bool:
            taken.append("in")
            return True

        def release(self) -> None:
            taken.append("out")

    monkeypatch.setattr(turns, "TURNS", Counted())

    as_adviser.get("/")
    assert taken == []
    as_adviser.get("/offres/")
    assert taken == ["in", "out"]


def test_a_page_does_not_begin_while_an_event_is_being_applied(monkeypatch):
    """P3."""
    monkeypatch.setattr(turns, "COURTESY", 10.0)
    told: list[str] = []
    is_applying = threading.Event()
    may_end = threading.Event()

    @turns.goes_first
    def event(request: object) -> HttpResponse:
        is_applying.set()
        may_end.wait(5)
        told.append("event")
        return HttpResponse()

    @turns.in_turn
    def page(request: object) -> HttpResponse:
        told.append("page")
        return HttpResponse()

    with ThreadPoolExecutor(2) as pool:
        applied = pool.submit(event, None)
        is_applying.wait(5)
        answered = pool.submit(page, None)
        # It has its turn, and waits all the same.
        while turns.TURNS.acquire(blocking=False):
            turns.TURNS.release()
        may_end.set()
        assert applied.result(5).status_code == answered.result(5).status_code == 200

    assert told == ["event", "page"]


@pytest.mark.django_db
def test_results_give_way_again_before_they_are_drawn(as_adviser, monkeypatch):
    """P3: an event that came while PostgreSQL was searching does not wait for it."""
    given: list[str] = []
    drawn = search.render

    class Counted:
        def give_way(self) -> None:
            given.append("way")

    def draw(*args: Any) -> HttpResponse:
        given.append("drawn")
        return drawn(*args)

    monkeypatch.setattr(turns, "HURRY", Counted())
    monkeypatch.setattr(search, "render", draw)

    as_adviser.get("/offres/")

    assert given == ["way", "way", "drawn"]


def test_events_without_an_end_do_not_keep_a_page_from_its_reader(monkeypatch):
    monkeypatch.setattr(turns, "COURTESY", 0.01)

    with turns.HURRY:
        assert turns.in_turn(lambda request: HttpResponse())(None).status_code == 200


def test_an_event_that_fails_holds_no_page_back(monkeypatch):
    @turns.goes_first
    def broken(request: object) -> HttpResponse:
        raise LookupError

    with pytest.raises(LookupError):
        broken(None)

    assert turns.HURRY.count == 0


@pytest.mark.django_db
def test_the_endpoint_of_the_feed_goes_first(client, monkeypatch):
    entered = []

    class Counted:
        def __enter__(self) -> None:
            entered.append("in")

        def __exit__(self, *error: object) -> None:
            entered.append("out")

    monkeypatch.setattr(turns, "HURRY", Counted())

    client.post("/api/offres/evenements", b"", "application/json")

    assert entered == ["in", "out"]
