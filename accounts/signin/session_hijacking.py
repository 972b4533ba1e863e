"""Detect session cookies used elsewhere (S39).

The session stores a mark of the network and one of the browser. If both change between
two requests, it is another machine; a session that alternates has two users. A change
of network alone, or a browser's update, is normal. Detection rates each.
"""

import re
from typing import Any

from django.utils.crypto import salted_hmac

from accounts.signin import user_agents
from opus.lib.audit import journal

# Marks under an earlier name are of whole addresses: they are not compared.
ORIGIN = "place"
VERSIONS = re.compile(r"[0-9._]+")


def compare(request: Any) -> None:
    """Log changes; the session's previous entry has the former place."""
    user = request.user
    if not user.is_authenticated:
        return
    here = marks_of(request)
    before = request.session.get(ORIGIN)
    if before == here:
        return
    request.session[ORIGIN] = here
    if before is None:
        return
    names = ("network", "agent")
    changed = [
        name for name, then, now in zip(names, before, here, strict=True) if then != now
    ]
    details = {"only": changed[0]} if len(changed) == 1 else {}
    journal.record(journal.Action.SESSION_MOVED, by=user, target=user, details=details)


def marks_of(request: Any) -> list[str]:
    agent = request.headers.get("User-Agent", "")
    # As PostgreSQL's ``opus_network(ip, 16, 32)``.
    network = user_agents.network_of(journal.client_address(request), 16, 32)
    return [mark(network), mark(VERSIONS.sub("", agent))]


def mark(text: str) -> str:
    return salted_hmac("accounts.origins", text, algorithm="sha256").hexdigest()[:16]
