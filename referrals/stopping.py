"""The link of the morning's letter that stops it, without signing in (RFC 8058).

Signed and nothing else: it opens nothing, shows nothing, and stops the letters to one
adviser about the persons whom he accompanies. It lives a year, for people clean their
mailboxes late.
"""

import datetime as dt

from django.core import signing
from django.urls import reverse

from accounts.models import User
from opus.lib import outbox

SALT = "referrals.stopping"
LASTS = dt.timedelta(days=365)


def link_for(adviser: User) -> str:
    """The absolute address that stops this adviser's letters."""
    token = signing.dumps(adviser.pk, salt=SALT)
    return outbox.link(reverse("watch_mail_stop", args=[token]))


def adviser_of(token: str) -> User | None:
    """Whose letters a link stops; None where it is not ours or too old."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=pk).first()
