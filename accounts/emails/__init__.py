"""The letters of accounts, by subject. Importing one declares its letters."""

from accounts.emails import conventions, factors, signin

__all__ = ["conventions", "factors", "signin"]
