"""The letters of accounts, by subject. The outbox knows those imported here."""

from accounts.emails import activation, nominations

__all__ = ["activation", "nominations"]
