"""The letters of accounts, by subject. The outbox knows those imported here."""

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

__all__ = [
    "accounts",
    "activation",
    "alerts",
    "conventions",
    "factors",
    "meetings",
    "nominations",
    "security",
    "signin",
]
