"""Fields that every log line of a request or a task carries.

``request`` its id, ``route`` the name of its address, ``task`` the name of a task.
"""

from collections.abc import Mapping
from contextvars import ContextVar

_fields = ContextVar[Mapping[str, str]]("log_fields")


def current() -> Mapping[str, str]:
    return _fields.get({})


def begin(**fields: str) -> None:
    """Replace all fields; empty ones are left out."""
    _fields.set({name: value for name, value in fields.items() if value})


def add(**fields: str) -> None:
    _fields.set({**current(), **fields})
