"""The letters of accounts, by subject. The outbox knows those imported here."""

from accounts.emails import accounts, alerts, factors, signin

__all__ = ["accounts", "alerts", "factors", "signin"]
