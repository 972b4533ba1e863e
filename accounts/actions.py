"""What the RGC does to accounts (art. 4.2): open, suspend, reactivate, close, renew.

Each is one transaction, with its line in the journal. A seat is taken under lock of
the convention's row; the trigger ``accounts_within_quota`` is the second line (R9).
"""

from django.db import IntegrityError, transaction

from accounts import limits
from accounts.models import Convention, FirstAccess, Role, User, UserState
from opus.lib import audit
from opus.lib.audit import Action
from opus.lib.states import MoveRefused


class QuotaReached(MoveRefused):
    """No seat is left (annexe 2): ``str(error)`` says so, with the way out."""

    def __init__(self, quota: int | None = None) -> None:
        if quota is None:
            sentence = "Tous les comptes de votre convention sont utilisés (annexe 2)"
        elif quota == 1:
            sentence = "Le seul compte de votre convention est utilisé (annexe 2)"
        else:
            sentence = (
                f"Les {quota} comptes de votre convention sont utilisés (annexe 2)"
            )
        super().__init__(
            f"{sentence}. Suspendez ou fermez un compte pour libérer une place."
        )


class EmailTaken(MoveRefused):
    """Somebody else's account got this address in the meantime."""


@transaction.atomic
def open_account(
    *,
    by: User,
    first_name: str,
    last_name: str,
    email: str,
    function: str = "",
    phone: str = "",
) -> tuple[User, str]:
    """Open an adviser's account in the RGC's own structure.

    Returns:
        The account, and its single-use secret: nothing keeps it, show it once.

    Raises:
        QuotaReached: no seat is left.
        EmailTaken: another account uses this address.
    """
    hold_seat(by)
    account = User(
        identifier=User.objects.draw_identifier(),
        role=Role.ADVISER,
        structure_id=by.structure_id,
        first_name=first_name,
        last_name=last_name,
        email=email,
        function=function,
        phone=phone,
    )
    account.set_unusable_password()
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:
        raise in_french(error) from error
    account.steps.create(origin="", target=account.state, by=by)
    _, secret = FirstAccess.draw(account, by=by)
    audit.record(Action.ACCOUNT_OPENED, by=by, target=account)
    return account, secret


@transaction.atomic
def suspend_account(account: User, *, by: User, reason: str) -> None:
    """Shut an account at once; its seat is free (art. 4.2)."""
    account.suspend(by=by, reason=reason)
    revoke_first_access(account)
    audit.record(
        Action.ACCOUNT_SUSPENDED, by=by, target=account, details={"reason": reason}
    )


@transaction.atomic
def reactivate_account(account: User, *, by: User) -> None:
    """Open a suspended account again, if a seat is left.

    Raises:
        QuotaReached: none is.
        MoveRefused: it is not suspended.
    """
    if account.state == UserState.SUSPENDED and account.role == Role.ADVISER:
        hold_seat(account)
    try:
        with transaction.atomic():
            account.reactivate(by=by)
    except IntegrityError as error:
        raise in_french(error) from error
    audit.record(Action.ACCOUNT_REACTIVATED, by=by, target=account)


@transaction.atomic
def close_account(account: User, *, by: User, reason: str) -> None:
    """Shut an account for good; its identifier is never given again (art. 5.1).

    Its acts stay under its name.
    """
    account.close(by=by, reason=reason)
    revoke_first_access(account)
    audit.record(
        Action.ACCOUNT_CLOSED, by=by, target=account, details={"reason": reason}
    )


@transaction.atomic
def renew_first_access(account: User, *, by: User) -> str:
    """A new single-use secret, in place of an earlier one.

    The password in use keeps serving until the holder chooses another with the secret;
    the second factor is still asked (S8).

    Returns:
        The secret: nothing keeps it, show it once.

    Raises:
        MoveRefused: the account is suspended or closed.
    """
    account = User.objects.select_for_update(no_key=True).get(pk=account.pk)
    if not account.is_active:
        raise MoveRefused(
            "Ce compte est suspendu ou fermé : réactivez-le avant de préparer un "
            "nouveau premier accès."
        )
    _, secret = FirstAccess.draw(account, by=by)
    limits.unlock(account.identifier)
    audit.record(Action.FIRST_ACCESS_RENEWED, by=by, target=account)
    return secret


def hold_seat(member: User) -> None:
    """Lock the row of his structure's convention until commit, and see that a seat is
    left on it.

    Raises:
        QuotaReached: none is.
        MoveRefused: no convention is in force.
    """
    convention = (
        Convention.objects.in_force()
        .select_for_update(no_key=True)
        .filter(structure=member.structure_id)
        .first()
    )
    if convention is None:
        raise MoveRefused("Aucune convention de votre structure n’est en vigueur.")
    if seats_used(convention) >= convention.quota:
        raise QuotaReached(convention.quota)


def seats_used(convention: Convention) -> int:
    """The accounts that annexe 2 counts against that convention's quota."""
    return User.objects.counted().filter(structure=convention.structure_id).count()


def revoke_first_access(account: User) -> None:
    """A slip in somebody's pocket opens nothing any more."""
    FirstAccess.objects.open().filter(account=account).revoke()


def in_french(error: IntegrityError) -> Exception:
    """What the database refused, as a sentence; the error itself where unknown."""
    diagnosis = getattr(error.__cause__, "diag", None)
    match diagnosis and diagnosis.constraint_name:
        case "accounts_within_quota":
            return QuotaReached()
        case "email_of_one_person":
            return EmailTaken("Un compte utilise déjà cette adresse électronique.")
    return error
