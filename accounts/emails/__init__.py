"""The letters of accounts, by subject."""

from accounts.emails import factors

__all__ = ["factors"]
