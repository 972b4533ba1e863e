"""What was refused is counted, and nothing else of it is kept (V4).

A validator tells the field and the subjects; after the answer, outside of any
transaction that was undone, ``middleware`` counts them for the account.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from opus.lib.wording.families import Family

Told = set[tuple[str, Family]]

_told: contextvars.ContextVar[Told | None] = contextvars.ContextVar(
    "refusals", default=None
)
_may_ask: contextvars.ContextVar[Callable[[], bool]] = contextvars.ContextVar(
    "may_ask", default=lambda: False
)


def tell(place: str, families: Iterable[Family]) -> None:
    """A text was refused in that field; once for all the times that it is read."""
    told = _told.get()
    if told is not None:
        told |= {(place, family) for family in families}


@contextmanager
def listening(may_ask: Callable[[], bool] = lambda: False) -> Iterator[Told]:
    """Gather what is refused meanwhile.

    Args:
        may_ask: whether whoever is refused may ask for a second opinion (V5); it is
            not called before something is refused.
    """
    told: Told = set()
    tokens = _told.set(told), _may_ask.set(may_ask)
    try:
        yield told
    finally:
        _told.reset(tokens[0])
        _may_ask.reset(tokens[1])


def may_ask() -> bool:
    """Whether a second opinion is offered beside what is refused here."""
    return _may_ask.get()()
