"""E-mails of accounts. The outbox knows those imported here."""

from accounts.emails import (
    accounts,
    alerts,
    conventions,
    factors,
    nominations,
    security,
    signin,
    team,
)
from accounts.meetings import emails as meetings
