"""Sign-in steps (password, second factor), and first access.

The rate limiter counts each try before its secret is read. The journal records each
result, and the account of a failure, never the input.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Collection
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django_otp.models import Device

from accounts.signin import rate_limits, second_factor, sessions
from accounts.signin.access import AccountRequest
from accounts.signin.emails import backup_code_used, locked_out, notify
from accounts.signin.models import (
    BACKUP_LENGTH,
    CharterAcceptance,
    Passkey,
    SecurityEventKind,
)
from accounts.signin.second_factor import PasskeyRefused
from accounts.users.enums import UserState
from accounts.users.models import AccessKind, FirstAccess, User
from opus.lib.audit import journal
from opus.lib.audit.journal import Action

BACKEND = "accounts.signin.backends.IdentifierBackend"
TOO_EARLY = "trop d’essais"
# Premature tries to log per minute, for one address and one account.
TOO_EARLY_TOLD = 2 * settings.DETECTION.account_tries


def prove_password(request: HttpRequest, identifier: str, password: str) -> bool:
    """Open a session with the password alone; raise TooManyTries."""
    this_try = count_try(request, rate_limits.TryKind.PASSWORD, identifier)
    user = authenticate(request, identifier=identifier, password=password)
    if user is None:
        record_failure(this_try, rate_limits.TryKind.PASSWORD, identifier)
        return False
    with transaction.atomic():
        this_try.forgive()
        open_session(request, user)
        record_first_factor(rate_limits.TryKind.PASSWORD, user)
    return True


def prove_code(
    request: AccountRequest, code: str, then: Callable[..., None]
) -> Device | None:
    """Call ``then`` if the code is right; return its factor.

    ``then``: ``sign_in``, or ``confirm`` before a sensitive act (S17). Returns the
    application or the backup codes. Raises TooManyTries.
    """
    user = request.user
    this_try = count_try(request, rate_limits.TryKind.CODE, user.identifier)
    with transaction.atomic():
        with journal.gathering() as parts:
            factor = spend_code(user, code)
        if factor:
            this_try.forgive()
            then(request, factor, parts)
            return factor
    record_failure(this_try, rate_limits.TryKind.CODE, user.identifier)
    return None


def prove_passkey(request: HttpRequest, answer: str, then: Callable[..., None]) -> None:
    """Call ``then`` if this passkey signed.

    ``then``: ``enter_by_passkey``, or ``confirm`` before a sensitive act (S17). Raises
    TooManyTries, PasskeyRefused.
    """
    this_try = count_try(request, rate_limits.TryKind.PASSKEY, None)
    try:
        question = second_factor.take_question(request, second_factor.SIGNING)
        with transaction.atomic():
            passkey = second_factor.complete_signature(request, question, answer)
            this_try.forgive()
            then(request, passkey)
    except PasskeyRefused as refusal:
        log_refusal(rate_limits.TryKind.PASSKEY, refusal.account, refusal.code)
        raise


def enter_by_passkey(request: HttpRequest, passkey: Passkey) -> None:
    """Open a session with a passkey, which is both factors.

    The passkey verifies its holder. It works alone or after the password, also while
    the password is locked, and unlocks it.
    """
    open_session(request, passkey.user)
    sign_in(request, passkey)
    rate_limits.unlock(passkey.user.identifier)


def find_first_access(
    request: HttpRequest, identifier: str, secret: str
) -> FirstAccess | None:
    """Return the first access of this slip; raise TooManyTries."""
    this_try = count_try(request, rate_limits.TryKind.FIRST_ACCESS, identifier)
    access = (
        FirstAccess.objects.filter(kind=AccessKind.SLIP)
        .usable()
        .filter(account__in=User.objects.named(identifier))
        .select_related("account__structure")
        .first()
    )
    if access is None:
        make_password(secret)  # As slow as a real look-up (S7).
    elif access.matches(secret) and access.account.is_active:
        with transaction.atomic():
            this_try.forgive()
            record_first_factor(rate_limits.TryKind.FIRST_ACCESS, access.account)
        return access
    record_failure(this_try, rate_limits.TryKind.FIRST_ACCESS, identifier)
    return None


@transaction.atomic
def choose_password(request: HttpRequest, access: FirstAccess, password: str) -> bool:
    """Set the password; False if the access is void."""
    locked = FirstAccess.objects.usable().select_for_update().filter(pk=access.pk)
    if not locked.exists() or not access.account.is_active:
        record_refusal(rate_limits.TryKind.FIRST_ACCESS, access.account.identifier)
        return False
    locked.update(used_at=timezone.now())
    user = access.account
    user.set_password(password)
    user.save(update_fields=["password"])
    rate_limits.unlock(user.identifier)
    open_session(request, user)
    journal.record(Action.FIRST_ACCESS, by=user, target=user)
    if user.state == UserState.ACTIVE:
        # Without an earlier password, nothing has changed.
        notify(user, SecurityEventKind.PASSWORD, by=user)
    return True


@transaction.atomic
def accept_charter(user: User) -> None:
    CharterAcceptance.objects.get_or_create(
        account=user, version=settings.CHARTER_VERSION
    )
    details = {"version": settings.CHARTER_VERSION}
    journal.record(Action.CHARTER_ACCEPTED, by=user, target=user, details=details)


def spend_code(user: User, code: str) -> Device | None:
    """Return the application of this code, or the backup codes."""
    if len(code) != BACKUP_LENGTH:
        devices = user.totpdevice_set.filter(confirmed=True)
        return next((one for one in devices if one.verify_token(code)), None)
    backup = user.backup_codes
    if backup is None or not backup.spend(code):
        return None
    details = {"left": backup.left}
    journal.record(Action.BACKUP_CODE_USED, by=user, target=user, details=details)
    backup_code_used.post(key=f"use:{uuid.uuid4()}", account=user.pk)
    return backup


def count_try(
    request: HttpRequest, kind: rate_limits.TryKind, identifier: str | None
) -> rate_limits.Try:
    address = journal.client_address(request)
    try:
        return rate_limits.count_try(kind, account=identifier, address=address)
    except rate_limits.TooManyTries:
        if is_worth_a_line(address, identifier):
            record_refusal(kind, identifier or "", refused=TOO_EARLY)
        raise


def is_worth_a_line(address: str | None, identifier: str | None) -> bool:
    """Return whether to log another: few per minute suffice."""
    sources = [rate_limits.network_of(address) if address else "", identifier or ""]
    try:
        for source in filter(None, sources):
            rate_limits.count_use(
                rate_limits.Use.TOO_EARLY,
                account=rate_limits.normalise(source),
                window=dt.timedelta(minutes=1),
                limit=TOO_EARLY_TOLD,
                lasts=False,
            )
    except rate_limits.TooManyUses:
        return False
    return True


def record_first_factor(kind: rate_limits.TryKind, user: User) -> None:
    journal.record(
        Action.FIRST_FACTOR_PROVED, by=user, target=user, details={"door": kind}
    )


def record_failure(
    this_try: rate_limits.Try, kind: rate_limits.TryKind, identifier: str
) -> None:
    """Log a wrong secret; write to the holder if it locks the account (S11)."""
    account = record_refusal(kind, identifier)
    if this_try.is_last:
        at = int(this_try.at.timestamp())
        locked_out.post(
            key=f"{this_try.account_key}:{at}",
            account=account.pk if account else 0,
            kind=kind,
            at=at,
        )


def record_refusal(
    kind: rate_limits.TryKind, identifier: str, refused: str = "secret inexact"
) -> User | None:
    """Log a failure, with equal work for unknown accounts."""
    account = User.objects.named(identifier).first()
    log_refusal(kind, account, refused)
    return account


def log_refusal(kind: rate_limits.TryKind, account: User | None, refused: str) -> None:
    action, details = Action.SIGN_IN_REFUSED, {"door": kind}
    journal.record(action, by=None, target=account, refused=refused, details=details)


def kind_of(factor: Device) -> str:
    """Return the journal's code: ``passkey``, ``totpdevice``…"""
    return str(factor._meta.model_name)


def open_session(request: HttpRequest, user: User) -> None:
    """Open a session with the password alone, without earlier data."""
    request.session.flush()
    login(request, user, backend=BACKEND)
    sessions.begin(request.session)


def confirm(
    request: AccountRequest, factor: Device, parts: Collection[dict[str, Any]] = ()
) -> None:
    request.session.cycle_key()
    sessions.confirm(request.session)
    sessions.prove(request, request.user)
    record_proof(Action.IDENTITY_CONFIRMED, request.user, factor, parts)


def enter(request: HttpRequest, device: Device) -> None:
    request.session.cycle_key()
    second_factor.verify(request, device)
    sessions.begin(request.session)
    sessions.confirm(request.session)
    sessions.prove(request, device.user)
    sessions.register(request, device.user)
    User.objects.filter(pk=device.user_id).update(last_login=timezone.now())


def sign_in(
    request: HttpRequest, factor: Device, parts: Collection[dict[str, Any]] = ()
) -> None:
    """Complete the session, confirmed for fifteen minutes (S13, S17)."""
    enter(request, factor)
    record_proof(Action.SIGN_IN, factor.user, factor, parts)


def record_proof(
    action: Action, user: User, factor: Device, parts: Collection[dict[str, Any]]
) -> None:
    details = {"factor": kind_of(factor)}
    journal.record(action, by=user, target=user, details=details, parts=parts)


def prove_identifier(
    request: HttpRequest, access: FirstAccess, identifier: str
) -> bool:
    """Check the identifier typed after the link.

    Tries are counted on the link first: a stolen link cannot try many identifiers (S6).
    Raises TooManyTries.
    """
    this_try = count_try(request, rate_limits.TryKind.ACTIVATION, f"lien {access.pk}")
    is_theirs = rate_limits.normalise(identifier) == rate_limits.normalise(
        access.account.identifier
    )
    if not (is_theirs and access.account.is_active):
        identifier = access.account.identifier
        record_failure(this_try, rate_limits.TryKind.ACTIVATION, identifier)
        return False
    with transaction.atomic():
        this_try.forgive()
        record_first_factor(rate_limits.TryKind.ACTIVATION, access.account)
    return True
