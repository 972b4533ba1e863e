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
# One for the whole process: its threads share one processor anyhow.
TURNS = threading.BoundedSemaphore(settings.WEB_TURNS)


def in_turn(view: View) -> View:
    """A heavy page: so many of them at once in a process, the others wait."""

    @functools.wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> HttpResponse:
        has_turn = TURNS.acquire(timeout=PATIENCE)
        try:
            return view(*args, **kwargs)
        finally:
            if has_turn:
                TURNS.release()

    return wrapped
