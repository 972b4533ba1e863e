"""The letters of accounts, by subject. Importing one declares its letters."""

from accounts.emails import accounts, signin

__all__ = ["accounts", "signin"]
