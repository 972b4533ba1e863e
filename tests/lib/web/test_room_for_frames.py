"""P1: no depth of a page at which each call asks the system for memory."""

from resource import RUSAGE_THREAD, getrusage
from typing import Any

from opus.lib.web.bodies import BufferedBodies
from opus.lib.web.room_for_frames import with_room_for_frames

CALLS = 200
# Of a page: templates inside templates.
DEPTHS = 300


def page_faults() -> int:
    return getrusage(RUSAGE_THREAD).ru_minflt


def nothing(*_: object) -> None:
    pass


def cost_at(depth: int) -> int:
    """Return the pages of memory that a loop at this depth asked for."""
    if depth:
        return cost_at(depth - 1)
    before = page_faults()
    for _ in range(CALLS):
        nothing()
    return page_faults() - before


def most_at_any_depth(*_: object) -> list[Any]:
    return [max(cost_at(depth) for depth in range(DEPTHS))]


def test_a_page_asks_for_no_memory_call_by_call():
    site: Any = BufferedBodies(most_at_any_depth, threads=2)

    (most,) = site({}, nothing)

    assert most < CALLS / 4


def test_what_asks_for_room_answers_as_before():
    @with_room_for_frames
    def add(one: int, *, other: int = 2) -> int:
        return one + other

    assert (add(1), add(1, other=3)) == (3, 4)
