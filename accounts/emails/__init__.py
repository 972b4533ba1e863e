"""The letters of accounts, by subject. Importing one declares its letters."""

from accounts.emails import factors, signin

__all__ = ["factors", "signin"]
