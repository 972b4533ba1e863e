"""Where a session is used from: a cookie carried elsewhere shows (S39).

The session keeps two marks, of the address and of the browser of its last request. A
telephone changes its address on the way home; a browser updates itself overnight; the
two at once, from one request to the next, is another machine with the same cookie.
"""

from typing import Any

from django.utils.crypto import salted_hmac

from accounts.limits import network_of
from opus.lib import audit

ORIGIN = "origin"


def compare(request: Any) -> None:
    """Tell the journal when both changed since the session's last request."""
    if not request.user.is_authenticated:
        return
    here = marks_of(request)
    before = request.session.get(ORIGIN)
    if before == here:
        return
    request.session[ORIGIN] = here
    if before and all(then != now for then, now in zip(before, here, strict=True)):
        audit.record(audit.Action.SESSION_MOVED, by=request.user, target=request.user)


def marks_of(request: Any) -> list[str]:
    """Keyed hashes of the address and of the browser: neither is kept in clear."""
    address = audit.client_address(request)
    agent = request.headers.get("User-Agent", "")
    # A line of IPv6 owns a /64 and changes addresses within it every day.
    return [mark(network_of(address) if address else ""), mark(agent)]


def mark(text: str) -> str:
    return salted_hmac("accounts.origins", text, algorithm="sha256").hexdigest()[:16]
