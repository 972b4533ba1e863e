"""The letters of accounts, by subject. The outbox knows those imported here."""

from accounts.emails import accounts, activation, alerts, factors, nominations, signin

__all__ = ["accounts", "activation", "alerts", "factors", "nominations", "signin"]
