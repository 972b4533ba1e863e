"""Every POST of every test: one line of the journal for an object it changed (S37).

The requests are seen by a middleware of the suite, whoever sends them: a client of
Django or a browser. ``tests/conftest.py`` looks at them after each test, and after a
whole run at what no test has pressed.
"""

from collections import defaultdict
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from opus.lib.audit.journal import ASIDE
from opus.lib.audit.models import AuditEntry

# The requests of the test that runs, by their number: what they pressed.
posted: dict[str, str] = {}
# What some test of this process pressed with success, and what must be.
pressed: set[str] = set()
to_press: set[str] = set()


class RecordPosts:
    """Keep which requests were posted and not refused."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        found, number = request.resolver_match, response.get("X-Request-ID")
        if request.method == "POST" and response.status_code < 400 and found and number:
            posted[number] = f"{found.view_name} {found.kwargs.get('slug', '')}".strip()
        return response


def changes(*numbers: str) -> dict[str, list[AuditEntry]]:
    """The lines of the journal of these requests; reads and signs stand beside them."""
    found = defaultdict(list)
    rows = AuditEntry.objects.filter(request_id__in=numbers, refused="")
    for row in rows.order_by("pk"):
        if row.action not in ASIDE:
            found[row.request_id].append(row)
    return found


def is_one(rows: list[AuditEntry]) -> bool:
    """Whether they record one change: one line for each of several objects, at most."""
    return len({(row.target_type, row.target_id) for row in rows}) == len(rows)


def count_presses() -> dict[str, list[str]]:
    """Add what made its line to what was pressed; return what recorded it twice."""
    seen, found = dict(posted), changes(*posted) if posted else {}
    posted.clear()
    pressed.update(seen[number] for number in found)
    return {
        seen[number]: [row.action for row in rows]
        for number, rows in found.items()
        if not is_one(rows)
    }
