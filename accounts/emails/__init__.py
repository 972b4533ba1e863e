"""The letters of accounts, by subject. Each module is known to the outbox from here."""

from accounts.emails import accounts

__all__ = ["accounts"]
