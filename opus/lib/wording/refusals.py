"""What was refused is counted, and nothing else of it is kept (V4).

A validator tells the field and the subjects; after the answer, outside of any
transaction that was undone, ``middleware`` counts them for the account.
"""

from __future__ import annotations

import contextvars
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from opus.lib.wording.families import Family

Told = set[tuple[str, Family]]

_told: contextvars.ContextVar[Told | None] = contextvars.ContextVar(
    "refusals", default=None
)


def tell(place: str, families: Iterable[Family]) -> None:
    """A text was refused in that field; once for all the times that it is read."""
    told = _told.get()
    if told is not None:
        told |= {(place, family) for family in families}


@contextmanager
def listening() -> Iterator[Told]:
    """Gather what is refused meanwhile."""
    told: Told = set()
    token = _told.set(told)
    try:
        yield told
    finally:
        _told.reset(token)
