"""The letters of accounts, by subject. Importing one declares its letters."""

from accounts.emails import accounts, factors, signin

__all__ = ["accounts", "factors", "signin"]
