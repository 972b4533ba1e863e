"""P1, P5: at no depth does each call of a loop ask the system for memory."""

from collections.abc import Callable
from resource import RUSAGE_THREAD, getrusage
from typing import Any

from opus.lib.documents import pdf
from opus.lib.room_for_frames import with_room_for_frames
from opus.lib.web.bodies import BufferedBodies

CALLS = 200
LINE = "<div><p>Vous travaillez <b>en équipe</b>.</p></div>"
SHEET = f'<html lang="fr"><title>Offre</title><body>{LINE * 40}'


def cost_at(depth: int, work: Callable[[], object]) -> int:
    """Return the pages of memory that the work asks for, so many calls deep."""
    if depth:
        return cost_at(depth - 1, work)
    before = getrusage(RUSAGE_THREAD).ru_minflt
    work()
    return getrusage(RUSAGE_THREAD).ru_minflt - before


def nothing(*_: object) -> None:
    pass


def call_often() -> None:
    for _ in range(CALLS):
        nothing()


def test_a_page_asks_for_no_memory_call_by_call():
    def page(*_: object) -> list[Any]:
        return [max(cost_at(depth, call_often) for depth in range(300))]

    site: Any = BufferedBodies(page, threads=2)

    (most,) = site({}, nothing)

    assert most < CALLS / 4


def test_nor_does_a_document():
    def work() -> None:
        pdf.print_pdf(SHEET)

    work()  # What is read once.
    costs = [cost_at(depth, work) for depth in range(0, 120, 10)]

    assert max(costs) < 500, costs


def test_what_has_room_answers_as_before():
    @with_room_for_frames
    def add(one: int, *, other: int = 2) -> int:
        return one + other

    assert (add(1), add(1, other=3)) == (3, 4)
