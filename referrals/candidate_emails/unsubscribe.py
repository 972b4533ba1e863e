"""Unsubscribe links of e-mails, signed, valid for a year (RFC 8058)."""

import datetime as dt
from uuid import UUID

from django.core import signing
from django.urls import reverse

from opus.lib.outbound import outbox
from referrals.candidate_emails.models import MailConsent

LASTS = dt.timedelta(days=365)
CONSENT_SALT = "referrals.mail-consent"


def link_for_person(consent: MailConsent) -> str:
    token = signing.dumps(consent.pk.hex, salt=CONSENT_SALT)
    return outbox.link(reverse("person_mail_stop", args=[token]))


def consent_of(token: str) -> MailConsent | None:
    """Return the consent of a link, or None if invalid or too old."""
    try:
        pk = signing.loads(token, salt=CONSENT_SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    consents = MailConsent.objects.select_related("candidate")
    return consents.filter(pk=UUID(pk)).first()
