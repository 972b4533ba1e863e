"""The unsubscribe link of an e-mail (U5, RFC 8058).

Signed, valid for a year; it stops the searches of its e-mail to one account, or all
those for persons.
"""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.core import signing
from django.db.models import Q
from django.urls import reverse

from accounts.users.models.users import User
from opus.lib.outbound import outbox
from referrals.saved_searches.models import SavedSearch, SavedSearchQuerySet

SALT = "referrals.saved_searches.unsubscribe"
LASTS = dt.timedelta(days=365)


def link_for(reader: User, searches: Iterable[SavedSearch]) -> str:
    own = [search.pk.hex for search in searches if search.account_id]
    for_persons = any(search.candidate_id for search in searches)
    token = signing.dumps([reader.pk, own, for_persons], salt=SALT)
    return outbox.link(reverse("saved_search_stop", args=[token]))


def read(token: str) -> tuple[User, SavedSearchQuerySet] | None:
    """Return a link's account and searches, or None."""
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
