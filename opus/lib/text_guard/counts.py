"""Counts of refusals and confirmations, written after any rollback (V4)."""

import contextvars
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from opus.lib.text_guard.categories import Category


@dataclass
class Counted:
    refused: set[tuple[str, Category]] = field(default_factory=set)
    passed: set[tuple[str, Category]] = field(default_factory=set)
    allowed: set[bytes] = field(default_factory=set)


_counted = contextvars.ContextVar[Counted]("text_guard_counted")


def refuse(place: str, categories: Iterable[Category]) -> None:
    """Count a refusal in that field, once per request."""
    if counted := _counted.get(None):
        counted.refused |= {(place, category) for category in categories}


def allow(place: str, text: str, categories: Iterable[Category] = ()) -> None:
    if counted := _counted.get(None):
        counted.allowed.add(_digest(place, text))
        counted.passed |= {(place, category) for category in categories}


def is_allowed(place: str, text: str) -> bool:
    counted = _counted.get(None)
    return counted is not None and _digest(place, text) in counted.allowed


def _digest(place: str, text: str) -> bytes:
    return hashlib.sha256(f"{place}\0{text}".encode()).digest()


@contextmanager
def counting() -> Iterator[Counted]:
    token = _counted.set(Counted())
    try:
        yield _counted.get()
    finally:
        _counted.reset(token)
