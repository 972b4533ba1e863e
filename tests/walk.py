"""Every address of Opus, with its placeholders filled: for the tests that walk them."""

import dataclasses
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

NOBODY = uuid.UUID(int=0)
FILLERS = {"uuid": str(NOBODY), "int": "1", "path": "1"}


@dataclasses.dataclass(frozen=True)
class Address:
    """One address: its name, a path that resolves to it, its view."""

    name: str
    path: str
    view: Callable[..., Any]

    @property
    def is_admin(self) -> bool:
        return self.path.startswith("/admin/")

    @property
    def is_public(self) -> bool:
        return not getattr(self.view, "login_required", True)

    def __str__(self) -> str:
        return self.path


def addresses(
    patterns: list[URLPattern | URLResolver] | None = None, prefix: str = "/"
) -> Iterator[Address]:
    """All of them, whatever the file that declares them."""
    if patterns is None:
        patterns = get_resolver().url_patterns
    for pattern in patterns:
        path = prefix + fill(pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, path)
        else:
            yield Address(pattern.name or "", path, pattern.callback)


def fill(pattern: URLPattern | URLResolver) -> str:
    """The route with something that fits in each of its placeholders."""
    route = pattern.pattern
    if not isinstance(route, RoutePattern):
        return "x"  # The admin's catch-all, the one regular expression.
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: filler(found[1]), str(route))


def filler(kind: str | None) -> str:
    return FILLERS.get(kind or "str", "188VMCV")
