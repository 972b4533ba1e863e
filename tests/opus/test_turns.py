"""Heavy pages take turns in a process, so that an event of the feed waits for one."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.http import HttpResponse

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
