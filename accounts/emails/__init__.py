"""The letters of accounts, by subject. The outbox knows those imported here."""

from accounts.emails import alerts, signin

__all__ = ["alerts", "signin"]
