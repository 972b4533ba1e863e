"""The links of letters that stop them, without signing in (RFC 8058).

Signed and nothing else: they open nothing, show nothing, and stop the letters to one
person. They live a year, for people clean their mailboxes late.
"""

import datetime as dt
from uuid import UUID

from django.core import signing
from django.urls import reverse

from opus.lib import outbox
from referrals.models import MailConsent

LASTS = dt.timedelta(days=365)
CONSENT_SALT = "referrals.mail-consent"


def link_for_person(consent: MailConsent) -> str:
    """The absolute address that takes this consent back."""
    token = signing.dumps(consent.pk.hex, salt=CONSENT_SALT)
    return outbox.link(reverse("person_mail_stop", args=[token]))


def consent_of(token: str) -> MailConsent | None:
    """The consent that a link is about; None where it is not ours or too old."""
    try:
        pk = signing.loads(token, salt=CONSENT_SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    consents = MailConsent.objects.select_related("candidate")
    return consents.filter(pk=UUID(pk)).first()
