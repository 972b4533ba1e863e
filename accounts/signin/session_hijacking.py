"""Session cookies used elsewhere (S39, design 24).

A network where the account proved no factor within 90 days gives it again before a
page that names a person: ``AccessMiddleware`` asks. The session also stores marks of
the network and the browser of its last proof. If both change, it is another machine; a
session that alternates has two users. Detection rates each.
"""

import re
from typing import Any

from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.signin import user_agents
from accounts.signin.models.sessions import ProvedNetwork
from accounts.users.models.users import User
from opus.lib.audit import journal

# Of the last proof, and of the last request: what moves is told once.
ORIGIN, LAST = "origin", "place"
VERSIONS = re.compile(r"[0-9._]+")


def prove(request: Any, account: User) -> None:
    """Make a habit of the network of a proved factor."""
    request.session[ORIGIN] = request.session[LAST] = marks_of(request)
    ProvedNetwork.objects.update_or_create(
        account=account,
        network=network_of(request),
        defaults={"proved_at": timezone.now()},
    )
    request.user.is_elsewhere = False


def compare(request: Any) -> None:
    """Mark a session elsewhere; log a change of place once.

    The session's previous entry has the former place.
    """
    user = request.user
    if not (user.is_authenticated and user.is_verified()):
        return
    user.is_elsewhere = network_of(request) not in user.habits
    here = marks_of(request)
    origin = request.session.get(ORIGIN, here)
    last = request.session.get(LAST, origin)
    if last == here:
        return
    request.session[LAST] = here
    before = last if here == origin else origin
    names = ("network", "agent")
    changed = [
        name for name, then, now in zip(names, before, here, strict=True) if then != now
    ]
    details = {"only": changed[0]} if len(changed) == 1 else {}
    journal.record(journal.Action.SESSION_MOVED, by=user, target=user, details=details)


def network_of(request: Any) -> str:
    """Return as PostgreSQL's ``opus_network(ip, 16, 32)``."""
    return user_agents.network_of(journal.client_address(request), 16, 32)


def marks_of(request: Any) -> list[str]:
    agent = request.headers.get("User-Agent", "")
    return [mark(network_of(request)), mark(VERSIONS.sub("", agent))]


def mark(text: str) -> str:
    return salted_hmac("accounts.origins", text, algorithm="sha256").hexdigest()[:16]
