"""Open accounts of RGCs and staff (art. 6; S9)."""

from collections.abc import Callable, Iterable, Mapping

from django.db import transaction

from accounts.users import emails, refusals
from accounts.users.emails import account_identifier, activation_link
from accounts.users.enums import STAFF_ROLES, Role
from accounts.users.models import AccountCorrection, FirstAccess, User
from accounts.users.refusals import validate_personal
from accounts.users.territory import sees, supervisors_of
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.database.states import MoveRefused

# The RGC opens the advisers' accounts, within the quota: staff do not (art. 4.2).
ROLES_OPENED_HERE = (Role.RGC, *STAFF_ROLES)

NOT_ADMIN = (
    "Seul un administrateur de France Travail ouvre le compte d’un RGC ou d’un agent "
    "(art. 4.1)."
)

BEYOND_REACH = (
    "Vous ouvrez des comptes d’agents et d’administrateurs dans votre territoire : "
    "choisissez-y une agence. Un compte national est ouvert par un administrateur "
    "national."
)


@transaction.atomic
def open_account(account: User, *, by: User | None) -> None:
    """Save a prepared account and send its two e-mails.

    ``by`` is None at the command line. Raises MoveRefused for an adviser, outside the
    territory, or for a used address; ValidationError for a shared mailbox (S12).
    """
    if sentence := why_not_open(account, by):
        raise MoveRefused(sentence)
    validate_personal(account.email)
    save_new(account, by=by, role=account.role)
    account_identifier.post(key=f"account:{account.pk}", account=account.pk)
    post_link(account, by=by)


def save_new(account: User, *, by: User | None, **details: str) -> None:
    """Save it under a new identifier; raise EmailTaken, MoveRefused."""
    account.identifier = User.objects.draw_identifier(account.structure)
    account.set_unusable_password()
    with refusals.refusing_in_french():
        account.save()
    account.steps.create(origin="", target=account.state, by=by)
    journal.record(Action.ACCOUNT_OPENED, by=by, target=account, details=details)


def why_not_open(account: User, by: User | None) -> str:
    """Return why this administrator may not open it (S23)."""
    if account.role not in ROLES_OPENED_HERE:
        return "Le compte d’un conseiller est ouvert par le RGC de sa structure."
    if by is None:
        return ""
    if by.role != Role.FT_ADMIN:
        return NOT_ADMIN
    employer = account.structure.agency_id if account.structure else account.agency_id
    return "" if sees(by, employer) else BEYOND_REACH


def post_link(account: User, *, by: User | None, check_done: str = "") -> None:
    access = FirstAccess.draw_link(account, by=by, check_done=check_done)
    activation_link.post(key=f"access:{access.pk}", access=access.pk)


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
