"""The letters of accounts, by subject. The outbox knows those imported here."""

from accounts.emails import conventions

__all__ = ["conventions"]
