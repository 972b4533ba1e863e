"""The link of an e-mail that stops it, without signing in (U5, RFC 8058).

Signed and nothing else: it opens nothing, shows nothing, and stops the e-mails to one
account of the searches in its e-mail; of those for persons, all. It lives a year:
people clean their mailboxes late.
"""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.core import signing
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from opus.lib import outbox
from referrals.saved_searches.models import SavedSearch, SavedSearchQuerySet

SALT = "referrals.saved_searches.unsubscribe"
LASTS = dt.timedelta(days=365)


def link_for(reader: User, searches: Iterable[SavedSearch]) -> str:
    """Return the absolute address that stops the e-mails of these searches."""
    own = [search.pk.hex for search in searches if search.account_id]
    for_persons = any(search.candidate_id for search in searches)
    token = signing.dumps([reader.pk, own, for_persons], salt=SALT)
    return outbox.link(reverse("saved_search_stop", args=[token]))


def read(token: str) -> tuple[User, SavedSearchQuerySet] | None:
    """Return whose e-mails a link stops, and of which searches; None if too old."""
    try:
        pk, own, for_persons = signing.loads(token, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    reader = User.objects.filter(pk=pk).first()
    if reader is None:
        return None
    chosen = Q(pk__in=map(UUID, own))
    if for_persons:
        chosen |= Q(candidate__isnull=False)
    return reader, SavedSearch.objects.visible_to(reader).filter(chosen)
