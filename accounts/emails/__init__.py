"""The letters of accounts, by subject. Importing one declares its letters."""

from accounts.emails import signin

__all__ = ["signin"]
