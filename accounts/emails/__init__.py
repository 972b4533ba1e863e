"""E-mails of accounts. The outbox knows those imported here."""

from accounts.emails import (
    accounts,
    activation,
    alerts,
    conventions,
    factors,
    nominations,
    security,
    signin,
)
from accounts.meetings import emails as meetings
