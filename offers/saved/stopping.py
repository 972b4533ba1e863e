"""The link of a letter that stops it, without signing in (U5, RFC 8058).

Signed and nothing else: it opens nothing, shows nothing, and stops the letters of the
searches that its letter told of. It lives a year: people clean their mailboxes late.
"""

import datetime as dt
import uuid
from collections.abc import Iterable

from django.core import signing
from django.urls import reverse

from offers.models import SavedSearch
from offers.models.searches import SavedSearchQuerySet
from opus.lib import outbox

SALT = "offers.saved.stopping"
LASTS = dt.timedelta(days=365)


def link_for(searches: Iterable[SavedSearch]) -> str:
    """The absolute address that stops the letters of these searches."""
    token = signing.dumps([search.pk.hex for search in searches], salt=SALT)
    return outbox.link(reverse("saved_search_stop", args=[token]))


def searches_of(token: str) -> SavedSearchQuerySet | None:
    """Which searches a link stops; None where it is not ours or too old."""
    try:
        told = signing.loads(token, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    return SavedSearch.objects.filter(pk__in=map(uuid.UUID, told))
