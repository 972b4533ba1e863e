"""Tokens of reset links, made by Django's generator (S8).

Any change of the account invalidates a token: it works once, and nothing of it is
stored.
"""

import uuid

from django.contrib.auth.tokens import PasswordResetTokenGenerator

from accounts.users.enums import UserState
from accounts.users.models import User


def make(account: User) -> str:
    return f"{account.public_id.hex}-{generator_of(account).make_token(account)}"


def account_of(token: str, *, lock: bool = False) -> User | None:
    """Return a token's account, locked for a single use."""
    public_id, _, rest = token.partition("-")
    try:
        accounts = User.objects.filter(
            public_id=uuid.UUID(public_id), state=UserState.ACTIVE
        )
    except ValueError:
        return None
    if lock:
        accounts = accounts.select_for_update(no_key=True)
    account = accounts.first()
    if account and generator_of(account).check_token(account, rest):
        return account
    return None


def generator_of(account: User) -> PasswordResetTokenGenerator:
    """Return Django's generator, tied to what ends sessions too."""
    generator = PasswordResetTokenGenerator()
    generator.key_salt = f"accounts.reset_tokens:{account.session_salt}"
    return generator
