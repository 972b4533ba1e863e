"""Second factors and backup codes (S2, S11, S14).

With the password alone only a first factor is added (S1); for the rest the views
require the second factor again (S17).
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404

from accounts.signin import (
    actions,
    passkeys,
    second_factor,
    session_clock,
    session_registry,
)
from accounts.signin.emails import notify
from accounts.signin.http import AccountRequest
from accounts.signin.models.access_changes import SecurityEventKind
from accounts.signin.models.factors import BackupCodeSet, Passkey, TotpDevice
from accounts.users.enums import UserState
from accounts.users.models.users import User
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.database.states import MoveRefused

LAST_ONE = (
    "C’est votre seul second facteur : sans lui, vous ne pourriez plus vous connecter. "
    "Ajoutez-en un autre avant de supprimer celui-ci."
)
ALREADY_ONE = (
    "Un second facteur est déjà enregistré pour ce compte : connectez-vous avec lui, "
    "puis ajoutez l’autre depuis la page « Mon compte »."
)


@transaction.atomic
def add_application(
    request: AccountRequest, device: TotpDevice, *, name: str, code: str
) -> list[str] | None:
    """Return a first factor's backup codes; None if wrong."""
    user = lock_account(request)
    if not device.verify_token(code):
        return None
    device.name = name
    device.confirmed = True
    device.save(update_fields=["name", "confirmed"])
    return keep(request, user, device)


def add_passkey(request: AccountRequest, answer: str, *, name: str) -> list[str]:
    """Return as ``add_application``; raise PasskeyRefused or MoveRefused."""
    question = passkeys.take_question(request, passkeys.REGISTERING)
    with transaction.atomic():
        user = lock_account(request)
        passkey = passkeys.complete_registration(
            request, user, question, answer, name=name
        )
        return keep(request, user, passkey)


@transaction.atomic
def rename(request: AccountRequest, factor: Passkey | TotpDevice, name: str) -> None:
    factor.name = name
    factor.save(update_fields=["name"])
    record(Action.FACTOR_RENAMED, request, factor)


@transaction.atomic
def remove(request: AccountRequest, public_id: UUID) -> None:
    """Delete a factor; raise MoveRefused for the last, or Http404."""
    user = lock_account(request)
    factor = find(user, public_id)
    others = [other for other in user.factors if other != factor]
    if not others:
        raise MoveRefused(LAST_ONE)
    record(Action.FACTOR_REMOVED, request, factor)
    notify(user, SecurityEventKind.FACTOR_REMOVED, by=user)
    if request.user.verified_by == factor.persistent_id:
        # The deleted factor verified this session; its holder has just confirmed.
        second_factor.verify(request, others[0])
    factor.delete()
    end_other_sessions(request, user)


@transaction.atomic
def renew_backup_codes(request: AccountRequest) -> list[str]:
    """Replace the backup codes; return ten new ones, stored nowhere."""
    user = lock_account(request)
    codes = BackupCodeSet.draw(user)
    journal.record(
        Action.BACKUP_CODES_DRAWN, by=user, target=user, details=seen_from(request)
    )
    notify(user, SecurityEventKind.BACKUP_CODES, by=user)
    end_other_sessions(request, user)
    return codes


def find(user: User, public_id: UUID) -> Passkey | TotpDevice:
    """Return the user's own factor, else raise Http404 (S20)."""
    for factor in user.factors:
        if factor.public_id == public_id:
            return factor
    raise Http404


def lock_account(request: AccountRequest) -> User:
    """Lock the row; raise MoveRefused without the second factor (S1)."""
    user = User.objects.select_for_update(no_key=True).get(pk=request.user.pk)
    if not request.user.is_verified() and user.factors:
        raise MoveRefused(ALREADY_ONE)
    return user


def keep(
    request: AccountRequest, user: User, factor: Passkey | TotpDevice
) -> list[str]:
    """Notify, end other sessions; return a first factor's codes."""
    if user.state == UserState.CREATED:
        user.activate(by=user)
    end_other_sessions(request, user)
    if not request.user.is_verified():
        actions.enter(request, factor)
    record(Action.FACTOR_ENROLLED, request, factor)
    notify(user, SecurityEventKind.FACTOR_ADDED, by=user)
    if user.backup_codes:
        return []
    return BackupCodeSet.draw(user)


def end_other_sessions(request: AccountRequest, user: User) -> None:
    """End the others at their next request (S14)."""
    user.session_salt += 1
    user.save(update_fields=["session_salt"])
    session_registry.keep_only_this(request, user)


def record(
    action: Action, request: AccountRequest, factor: Passkey | TotpDevice
) -> None:
    details = {"factor": actions.kind_of(factor), **seen_from(request)}
    journal.record(action, by=request.user, target=request.user, details=details)


def seen_from(request: AccountRequest) -> dict[str, Any]:
    row = session_clock.row_of(request.session).first()
    if row is None:
        return {"new_device": False}
    earlier = row.account.open_sessions.filter(began_at__lt=row.began_at)
    is_new = earlier.exists() and not earlier.filter(device=row.device).exists()
    return {"new_device": is_new}
