"""The link that lets its reader choose another password: nothing of it is kept (S8).

It is signed, lives an hour, and is tied to the state of the account: a new password, a
sign-in, another address, a suspension, a factor changed make it void. It serves once.
"""

import uuid

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User, UserState

SALT = "accounts.reset"


def make(account: User) -> str:
    """A token for that account as it now is."""
    return signing.dumps([account.public_id.hex, state_of(account)], salt=SALT)


def account_of(token: str, *, lock: bool = False) -> User | None:
    """Whose password this token lets one choose; None where it is void.

    Args:
        lock: hold the account's row until commit, so that the token serves once.
    """
    try:
        public_id, state = signing.loads(
            token, salt=SALT, max_age=settings.RESET_LINK_LASTS
        )
    except signing.BadSignature:
        return None
    accounts = User.objects.filter(
        public_id=uuid.UUID(public_id), state=UserState.ACTIVE
    )
    if lock:
        accounts = accounts.select_for_update(no_key=True)
    account = accounts.first()
    if account and constant_time_compare(state, state_of(account)):
        return account
    return None


def state_of(account: User) -> str:
    """What must not have changed since, as an HMAC."""
    state = [
        account.password,
        account.session_salt,
        account.email,
        account.last_login.timestamp() if account.last_login else "",
    ]
    return salted_hmac(SALT, repr(state), algorithm="sha256").hexdigest()[:32]
