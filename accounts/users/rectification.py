"""Record corrections of accounts, notify (GDPR 16, 19; V14)."""

from collections.abc import Callable, Iterable, Mapping

from accounts.users import emails
from accounts.users.models.privacy import AccountCorrection
from accounts.users.models.users import User
from accounts.users.territory import supervisors_of

# Other accounts that received an account's data; upper apps fill the list.
readers: list[Callable[[User], Iterable[int]]] = []


def keep_history(
    account: User, before: Mapping[str, str], *, by: User, reason: str
) -> None:
    """Store former values (field → value); notify holder and recipients."""
    gesture = AccountCorrection.keep(account, before, by=by, reason=reason)
    if gesture is None:
        return
    # An empty former value requires no notice to recipients.
    found = readers_of(account) if any(before.values()) else set()
    # Every recent address is notified of a new address (S11).
    if set(before) != {"email"}:
        found.add(account.pk)
    for reader in sorted(found - {by.pk}):
        emails.account_corrected.post(
            key=f"{gesture}:{reader}", gesture=str(gesture), to=reader
        )


def readers_of(account: User) -> set[int]:
    found = {person.pk for person in supervisors_of(account)}
    return found.union(*(find(account) for find in readers)) - {account.pk}
