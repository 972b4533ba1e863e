"""The e-mails of accounts, by subject. The outbox knows those imported here."""

from accounts.emails.conventions import (
    amendment_confirmed,
    convention_ends,
    quota_exceeded,
)

__all__ = ["amendment_confirmed", "convention_ends", "quota_exceeded"]
