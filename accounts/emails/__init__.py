"""The letters of accounts, by subject. Importing one declares its letters."""

from accounts.emails import accounts, activation, factors, nominations, signin

__all__ = ["accounts", "activation", "factors", "nominations", "signin"]
