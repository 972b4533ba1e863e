"""Where a session is used from: a cookie carried elsewhere shows (S39).

The session keeps two marks, of the network and of the browser of its last request. A
telephone changes its network on the way home; a browser updates itself overnight, which
is no change here; the two at once, from one request to the next, is another machine
with the same cookie; and a session that goes to and fro is in two hands. What each line
is worth, ``accounts.detection`` says.
"""

import ipaddress
import re
from typing import Any

from django.utils.crypto import salted_hmac

from opus.lib import audit

# Marks under another name were of whole addresses: they are not compared with these.
ORIGIN = "place"
VERSIONS = re.compile(r"[0-9._]+")


def compare(request: Any) -> None:
    """Tell the journal what changed since the session's last request.

    No line holds the place left: it is that of the session's line before.
    """
    if not request.user.is_authenticated:
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
    audit.record(
        audit.Action.SESSION_MOVED,
        by=request.user,
        target=request.user,
        details={"only": changed[0]} if len(changed) == 1 else {},
    )


def marks_of(request: Any) -> list[str]:
    """Keyed hashes of the network and of the browser: neither is kept in clear."""
    agent = request.headers.get("User-Agent", "")
    network = wide_network_of(audit.client_address(request))
    return [mark(network), mark(VERSIONS.sub("", agent))]


def wide_network_of(address: str | None) -> str:
    """The /16 of an address, or its /32 in IPv6; an IPv4-mapped one counts as IPv4.

    PostgreSQL's ``opus_network(ip, 16, 32)`` says the same of the journal's addresses.
    """
    if not address:
        return ""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    bits = 16 if ip.version == 4 else 32
    return str(ipaddress.ip_network((ip, bits), strict=False))


def mark(text: str) -> str:
    return salted_hmac("accounts.origins", text, algorithm="sha256").hexdigest()[:16]
