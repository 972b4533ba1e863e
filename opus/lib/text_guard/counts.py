"""What was refused or let pass is counted, and nothing else of it is kept (V4).

A field says what it refused; after the answer, outside of any transaction that was
undone, ``middleware`` counts it for the account.
"""

from __future__ import annotations

import contextvars
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from opus.lib.text_guard.categories import Category


@dataclass
class Counted:
    """What one request met: refused, let pass, and the digests of what may pass."""

    refused: set[tuple[str, Category]] = field(default_factory=set)
    passed: set[tuple[str, Category]] = field(default_factory=set)
    allowed: set[bytes] = field(default_factory=set)


_counted: contextvars.ContextVar[Counted | None] = contextvars.ContextVar(
    "text_guard_counted", default=None
)


def refuse(place: str, categories: Iterable[Category]) -> None:
    """Count a refusal in that field; once for all the times that it is read."""
    if counted := _counted.get():
        counted.refused |= {(place, category) for category in categories}


def allow(place: str, text: str, categories: Iterable[Category] = ()) -> None:
    """Let that text pass in that field until the end of the request."""
    if counted := _counted.get():
        counted.allowed.add(_digest(place, text))
        counted.passed |= {(place, category) for category in categories}


def is_allowed(place: str, text: str) -> bool:
    """Whether a form let that very text pass in this request."""
    counted = _counted.get()
    return counted is not None and _digest(place, text) in counted.allowed


def _digest(place: str, text: str) -> bytes:
    return hashlib.sha256(f"{place}\0{text}".encode()).digest()


@contextmanager
def counting() -> Iterator[Counted]:
    """Gather what is refused or let pass meanwhile."""
    counted = Counted()
    token = _counted.set(counted)
    try:
        yield counted
    finally:
        _counted.reset(token)
