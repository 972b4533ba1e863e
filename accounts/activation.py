"""Accounts that France Travail opens: an RGC's, its own staff's (art. 4.1, 6; S9).

The identifier leaves by one e-mail, a single-use activation link by another. The page
that the link opens asks for the identifier, then a password; the second factor and the
charter come next, by the gates that everybody passes.
"""

from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts import actions, limits, signin
from accounts.emails.activation import account_identifier, activation_link
from accounts.emails.security import notify
from accounts.mailboxes import validate_personal
from accounts.models import FirstAccess, Role, SecurityEventKind, User, UserState
from accounts.models.users import STAFF_ROLES
from accounts.scope import agencies_of
from opus.lib import audit
from opus.lib.audit import Action
from opus.lib.states import MoveRefused

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
    """Open an account that was prepared, unsaved; post its two e-mails.

    Args:
        by: the administrator; None for the operator, at the command line.

    Raises:
        MoveRefused: an adviser's, or not within the administrator's reach, or the
            address is another account's.
        ValidationError: the mailbox is a desk's (S12).
    """
    if sentence := why_not_open(account, by):
        raise MoveRefused(sentence)
    validate_personal(account.email)
    account.identifier = User.objects.draw_identifier()
    account.set_unusable_password()
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:
        raise actions.in_french(error) from error
    account.steps.create(origin="", target=account.state, by=by)
    audit.record(
        Action.ACCOUNT_OPENED, by=by, target=account, details={"role": account.role}
    )
    account_identifier.post(key=f"account:{account.pk}", account=account.pk)
    post_link(account, by=by)


def why_not_open(account: User, by: User | None) -> str:
    """Why this administrator may not open this account; nothing where he may (S23)."""
    if account.role not in ROLES_OPENED_HERE:
        return "Le compte d’un conseiller est ouvert par le RGC de sa structure."
    if by is None:
        return ""
    if by.role != Role.FT_ADMIN:
        return NOT_ADMIN
    reach = agencies_of(by)
    if reach is None:
        return ""
    employer = account.structure.agency_id if account.structure else account.agency_id
    return "" if reach.filter(pk=employer).exists() else BEYOND_REACH


@transaction.atomic
def send_link(account: User, *, by: User, check_done: str) -> None:
    """A new activation link, in place of an earlier one; the identifier is not said.

    A password in use keeps serving until the holder chooses another; the second factor
    is still asked (S8).

    Args:
        check_done: a member of ``IdentityCheck``.

    Raises:
        MoveRefused: the account is an adviser's, suspended or closed.
    """
    account = User.objects.select_for_update(no_key=True).get(pk=account.pk)
    if sentence := why_not_open(account, by):
        raise MoveRefused(sentence)
    if not account.is_active:
        raise MoveRefused(
            "Ce compte est suspendu ou fermé : réactivez-le avant d’envoyer un lien."
        )
    post_link(account, by=by, check_done=check_done)
    notify(account, SecurityEventKind.FIRST_ACCESS, by=by)
    if account.state == UserState.CREATED:
        # As for a slip: somebody is about to use it.
        account.clock_restarted_at = timezone.now()
        account.save(update_fields=["clock_restarted_at"])
    limits.unlock(account.identifier)
    audit.record(
        Action.FIRST_ACCESS_RENEWED,
        by=by,
        target=account,
        details={"check_done": check_done},
    )


def post_link(account: User, *, by: User | None, check_done: str = "") -> None:
    """Draw a link and post it, in the transaction under way."""
    access = FirstAccess.draw_link(account, by=by, check_done=check_done)
    activation_link.post(key=f"access:{access.pk}", access=access.pk)


@transaction.atomic
def change_account(account: User, *, by: User, **changes: Any) -> None:
    """Staff put an account right (V14): a link sent to a former address opens nothing.

    A new one leaves for the new address where one was waiting.

    Args:
        changes: what ``actions.change_account`` takes.
    """
    changed = actions.change_account(account, by=by, **changes)
    if "email" in changed and account.first_accesses.links().usable().exists():
        account.refresh_from_db(fields=["email"])
        post_link(account, by=by)


def prove_identifier(
    request: HttpRequest, access: FirstAccess, identifier: str
) -> bool:
    """Whether the holder of the link knows the identifier, which it does not tell.

    Tries are counted on the link itself, before the look: a stolen link does not let
    one try identifier after identifier (S6).

    Raises:
        limits.TooManyTries: the link or the address must wait.
    """
    this_try = signin.take(request, limits.Door.ACTIVATION, f"lien {access.pk}")
    is_theirs = limits.normalise(identifier) == limits.normalise(
        access.account.identifier
    )
    if not (is_theirs and access.account.is_active):
        signin.tell_refusal(limits.Door.ACTIVATION, access.account.identifier)
        return False
    with transaction.atomic():
        this_try.forgive()
        signin.tell_first_factor(limits.Door.ACTIVATION, access.account)
    return True
