"""Every route of the URL list, and why the tour looks at no page there (A1, A2)."""

import re
from collections.abc import Iterable, Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from tests.pages import NO_PAGE
from tests.test_access_matrix import TABLE

# Routes that answer GET with no page, or with one that the tour cannot open by its
# address alone; the journeys of tests/browser go through the latter, with axe.
REASONS: dict[str, str] = {}
# Pages that came after the last whole tour: emptied when it is run again.
NOT_YET: set[str] = set()
POSTED = "reçoit un formulaire, n’affiche pas de page"
DESK = "fichier, fragment ou porte de l’administration"
LATER = "ajoutée après le dernier tour"


def routes(
    patterns: Iterable[URLPattern | URLResolver] | None = None, prefix: str = "/"
) -> Iterator[tuple[str, URLPattern]]:
    """Each route, written as Django tells it of an answer, with its pattern."""
    if patterns is None:
        patterns = get_resolver().url_patterns
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route, pattern


def pages_without_a_look(seen: set[str]) -> dict[str, str]:
    """The routes that were not seen, each with its reason; an empty one is a fault."""
    return {
        route: reason(route, pattern)
        for route, pattern in routes()
        if route not in seen
    }


def reason(route: str, pattern: URLPattern) -> str:
    if route in NOT_YET:
        return LATER
    if route in REASONS:
        return REASONS[route]
    if route.startswith("/admin/"):
        is_none = pattern.name in NO_PAGE or re.search("_(delete|verb)$", pattern.name)
        return DESK if is_none else ""
    methods = {method for method, path in TABLE if f"/{path}" == route}
    return POSTED if methods == {"POST"} else ""
