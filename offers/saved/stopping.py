"""The link of a letter that stops it, without signing in (U5, RFC 8058).

Signed and nothing else: it opens nothing, shows nothing, and stops the letters of one
search. It lives a year, for people clean their mailboxes late.
"""

import datetime as dt
import uuid

from django.core import signing
from django.urls import reverse

from offers.models import SavedSearch
from opus.lib import outbox

SALT = "offers.saved.stopping"
LASTS = dt.timedelta(days=365)


def link_for(search: SavedSearch) -> str:
    """The absolute address that stops the letters of that search."""
    token = signing.dumps(search.pk.hex, salt=SALT)
    return outbox.link(reverse("saved_search_stop", args=[token]))


def search_of(token: str) -> uuid.UUID | None:
    """Which search a link stops; None where it is not ours or too old."""
    try:
        return uuid.UUID(signing.loads(token, salt=SALT, max_age=LASTS))
    except signing.BadSignature:
        return None
