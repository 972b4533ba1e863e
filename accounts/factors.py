"""One's own second factors: add, name, remove; the backup codes (S2, S11, S14).

A session that has the password alone may add the first factor and no other (S1); the
views ask the second factor again before all the rest (S17). A change ends the account's
other sessions, is told by e-mail, and in the journal with whether the device is new.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django_otp import login as verify_session

from accounts import open_sessions, passkeys, sessions, signin
from accounts.emails.security import notify
from accounts.http import AccountRequest
from accounts.models import (
    BackupSheet,
    Passkey,
    SecurityEventKind,
    TotpDevice,
    User,
    UserState,
)
from opus.lib import audit
from opus.lib.audit import Action
from opus.lib.states import MoveRefused

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
    """Keep a new application, once it gave a right code.

    No limit here: whoever types the code has its key before the eyes.

    Returns:
        The backup codes drawn with a first factor, to be shown once, or an empty list;
        None if the code is wrong.

    Raises:
        MoveRefused: the password alone may not add another factor.
    """
    user = hold(request)
    if not device.verify_token(code):
        return None
    device.name = name
    device.confirmed = True
    device.save(update_fields=["name", "confirmed"])
    return keep(request, user, device)


def add_passkey(request: AccountRequest, answer: str, *, name: str) -> list[str]:
    """Keep the passkey that the browser just made.

    Returns:
        As ``add_application`` does.

    Raises:
        PasskeyRefused: the answer is unsound or late.
        MoveRefused: the password alone may not add another factor.
    """
    question = passkeys.take_question(request, passkeys.REGISTERING)
    with transaction.atomic():
        user = hold(request)
        passkey = passkeys.complete_registration(
            request, user, question, answer, name=name
        )
        return keep(request, user, passkey)


@transaction.atomic
def rename(request: AccountRequest, factor: Passkey | TotpDevice, name: str) -> None:
    """Give one's factor another name."""
    factor.name = name
    factor.save(update_fields=["name"])
    tell(Action.FACTOR_RENAMED, request, factor)


@transaction.atomic
def remove(request: AccountRequest, public_id: UUID) -> None:
    """Forget one of one's factors; the last strong one stays.

    Raises:
        MoveRefused: it is the last one.
        Http404: one has no such factor.
    """
    user = hold(request)
    factor = find(user, public_id)
    others = [other for other in user.factors if other != factor]
    if not others:
        raise MoveRefused(LAST_ONE)
    tell(Action.FACTOR_REMOVED, request, factor)
    notify(user, SecurityEventKind.FACTOR_REMOVED, by=user)
    if request.user.otp_device == factor:
        # This session was verified by what goes; its holder has just confirmed.
        verify_session(request, others[0])
    factor.delete()
    end_other_sessions(request, user)


@transaction.atomic
def renew_backup_codes(request: AccountRequest) -> list[str]:
    """Ten new backup codes; the earlier ones serve no more.

    Returns:
        The codes: nothing keeps them, show them once.
    """
    user = hold(request)
    codes = BackupSheet.draw(user)
    audit.record(
        Action.BACKUP_CODES_DRAWN, by=user, target=user, details=seen_from(request)
    )
    notify(user, SecurityEventKind.BACKUP_CODES, by=user)
    end_other_sessions(request, user)
    return codes


def find(user: User, public_id: UUID) -> Passkey | TotpDevice:
    """That factor of theirs.

    Raises:
        Http404: they have no such factor; somebody else may (S20).
    """
    for factor in user.factors:
        if factor.public_id == public_id:
            return factor
    raise Http404


def hold(request: AccountRequest) -> User:
    """One's own account, its row locked: two windows do not race.

    Raises:
        MoveRefused: the password alone may not add a factor beside the one it lacks.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=request.user.pk)
    if not request.user.is_verified() and user.factors:
        raise MoveRefused(ALREADY_ONE)
    return user


def keep(
    request: AccountRequest, user: User, factor: Passkey | TotpDevice
) -> list[str]:
    """A factor was added: tell, end the other sessions, draw the first codes.

    A first factor completes a first access: the account becomes active, and the
    session gets both factors.
    """
    if user.state == UserState.CREATED:
        user.activate(by=user)
    end_other_sessions(request, user)
    if not request.user.is_verified():
        signin.enter(request, factor)
    tell(Action.FACTOR_ENROLLED, request, factor)
    notify(user, SecurityEventKind.FACTOR_ADDED, by=user)
    if user.backup_sheet:
        return []
    return BackupSheet.draw(user)


def end_other_sessions(request: AccountRequest, user: User) -> None:
    """Every session of the account ends at its next request, but for this one (S14)."""
    user.session_salt += 1
    user.save(update_fields=["session_salt"])
    open_sessions.keep_only_this(request, user)


def tell(action: Action, request: AccountRequest, factor: Passkey | TotpDevice) -> None:
    """One line of the journal: the kind of factor, and whether the device is new."""
    details = {"factor": signin.kind_of(factor), **seen_from(request)}
    audit.record(action, by=request.user, target=request.user, details=details)


def seen_from(request: AccountRequest) -> dict[str, Any]:
    """Whether this session's device had never opened the account before it."""
    row = sessions.row_of(request.session).first()
    if row is None:
        return {"new_device": False}
    earlier = row.account.open_sessions.filter(began_at__lt=row.began_at)
    is_new = earlier.exists() and not earlier.filter(device=row.device).exists()
    return {"new_device": is_new}
