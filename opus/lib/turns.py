"""Turns: heavy pages take them, so that what is light does not wait behind them all.

A page of results is 30 ms of processor, an event of the feed 5. Where eight searches
share two processes, an event that shares with them waits for all eight; where they go
one after the other in each process, it waits for one, and the searches themselves end
no later.
"""

import functools
import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpResponse

View = Callable[..., HttpResponse]

# A page that is stuck must not hold all the others: past this, they go on without.
PATIENCE = 2.0  # seconds
# How long a page lets what is in a hurry go first.
COURTESY = 0.1  # seconds
# One for the whole process: its threads share one processor anyhow.
TURNS = threading.BoundedSemaphore(settings.WEB_TURNS)


def in_turn(view: View) -> View:
    """A heavy page: so many of them at once in a process, the others wait."""

    @functools.wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> HttpResponse:
        has_turn = TURNS.acquire(timeout=PATIENCE)
        try:
            HURRY.give_way()
            return view(*args, **kwargs)
        finally:
            if has_turn:
                TURNS.release()

    return wrapped


def goes_first(view: View) -> View:
    """What is light and in a hurry: no heavy page begins meanwhile in its process."""

    @functools.wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> HttpResponse:
        with HURRY:
            return view(*args, **kwargs)

    return wrapped


class Hurry:
    """How many are in a hurry in this process, and who waits for them."""

    def __init__(self) -> None:
        self.count = 0
        self.changed = threading.Condition()

    def __enter__(self) -> None:
        with self.changed:
            self.count += 1

    def __exit__(self, *error: object) -> None:
        with self.changed:
            self.count -= 1
            self.changed.notify_all()

    def give_way(self) -> None:
        """Wait until nobody is in a hurry, but never long: events may come without an
        end, and an adviser waits for his page."""
        with self.changed:
            self.changed.wait_for(lambda: not self.count, timeout=COURTESY)


HURRY = Hurry()


def give_way() -> None:
    """Half way through a heavy page: what is in a hurry goes first once more."""
    HURRY.give_way()
