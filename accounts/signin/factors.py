"""Second factors and backup codes (S2, S11, S14).

With the password alone only a first factor is added (S1); for the rest the views
require the second factor again (S17).
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from accounts.agreements.models.conventions import Convention
from accounts.nominations.models import Nomination
from accounts.signin import actions, emails, rate_limits, second_factor, sessions
from accounts.signin.access import AccountRequest
from accounts.signin.emails import notify
from accounts.signin.models import (
    OPEN_STATES,
    BackupCodeSet,
    FactorReset,
    Passkey,
    ResetState,
    SecurityEventKind,
    TotpDevice,
)
from accounts.users.enums import COUNTED_STATES, Role, UserState
from accounts.users.models import FirstAccess, User, new_address_until, recent_addresses
from accounts.users.refusals import refuse_held
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.database.states import MoveRefused
from opus.lib.dates import moment

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
    question = second_factor.take_question(request, second_factor.REGISTERING)
    with transaction.atomic():
        user = lock_account(request)
        passkey = second_factor.complete_registration(
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
    sessions.keep_only_this(request, user)


def record(
    action: Action, request: AccountRequest, factor: Passkey | TotpDevice
) -> None:
    details = {"factor": actions.kind_of(factor), **seen_from(request)}
    journal.record(action, by=request.user, target=request.user, details=details)


def seen_from(request: AccountRequest) -> dict[str, Any]:
    row = sessions.row_of(request.session).first()
    if row is None:
        return {"new_device": False}
    earlier = row.account.open_sessions.filter(began_at__lt=row.began_at)
    is_new = earlier.exists() and not earlier.filter(device=row.device).exists()
    return {"new_device": is_new}


NOT_YOURS_TO_RESET = (
    "Cette remise à zéro ne vous revient pas : un RGC la demande pour les conseillers "
    "de sa structure (art. 4.2), France Travail pour les RGC, pour ses agents, et pour "
    "les conseillers d’une structure sans RGC en fonction. Personne ne la demande pour "
    "soi-même."
)
NOT_ACTIVE = (
    "Ce compte est suspendu ou fermé : réactivez-le avant de remettre à zéro ses "
    "seconds facteurs."
)
NO_FACTOR = (
    "Ce compte n’a pas de second facteur : la personne en enregistrera un à sa "
    "prochaine connexion."
)
ALREADY_ASKED = "Une remise à zéro est déjà demandée pour ce compte."


@transaction.atomic
def request_reset(
    account: User, *, by: User, check_done: str, reason: str
) -> FactorReset:
    """``check_done``: IdentityCheck, ``reason``: LossReason. Raises MoveRefused."""
    refuse_held(by)
    account = User.objects.select_for_update(no_key=True).get(pk=account.pk)
    if not may_reset(account, by=by):
        raise MoveRefused(why_too_early(account, by=by) or NOT_YOURS_TO_RESET)
    if not account.is_active:
        raise MoveRefused(NOT_ACTIVE)
    if not account.factors:
        raise MoveRefused(NO_FACTOR)
    now = timezone.now()
    pending = account.factor_resets.filter(state__in=OPEN_STATES)
    for old in pending.filter(lapses_at__lte=now):
        old.move_to(ResetState.LAPSED, by=None)
    if pending.exists():
        raise MoveRefused(ALREADY_ASKED)
    reset = account.factor_resets.create(
        asked_by=by,
        asked_at=now,
        check_done=check_done,
        reason=reason,
        four_eyes=account.role != Role.ADVISER or bool(new_address_until(account)),
        ready_at=now + settings.FACTOR_RESET_NOTICE,
        lapses_at=now + settings.FACTOR_RESET_LASTS,
    )
    reset.steps.create(origin="", target=reset.state, by=by)
    record_reset(
        Action.FACTOR_RESET_ASKED, reset, by=by, check_done=check_done, reason=reason
    )
    for since in recent_addresses(account):
        emails.factor_reset_asked.post(
            key=f"reset:{reset.pk}:{since}", reset=reset.pk, since=since
        )
    return reset


@transaction.atomic
def confirm(reset: FactorReset, *, by: User) -> None:
    if not may_go_on(reset, by=by):
        raise MoveRefused(NOT_YOURS_TO_RESET)
    reset.confirm(by=by)
    record_reset(Action.FACTOR_RESET_CONFIRMED, reset, by=by)


@transaction.atomic
def finish(reset: FactorReset, *, by: User) -> str:
    """Delete factors and password, end sessions; return a first secret.

    The secret is stored nowhere. Raises MoveRefused within the day's notice, without
    the second person, or once stopped.
    """
    refuse_held(by)
    account = User.objects.select_for_update(no_key=True).get(pk=reset.account_id)
    if not may_go_on(reset, by=by):
        raise MoveRefused(NOT_YOURS_TO_RESET)
    if not account.is_active:
        raise MoveRefused(NOT_ACTIVE)
    reset.finish(by=by)
    account.passkey_set.all().delete()
    account.totpdevice_set.all().delete()
    account.backupcodeset_set.all().delete()
    account.set_unusable_password()
    account.session_salt += 1
    account.save(update_fields=["password", "session_salt"])
    _, secret = FirstAccess.draw(account, by=by)
    rate_limits.unlock(account.identifier)
    record_reset(Action.FACTOR_RESET_DONE, reset, by=by)
    notify(account, SecurityEventKind.FACTORS_RESET, by=by)
    return secret


@transaction.atomic
def stop(reset: FactorReset, *, by: User | None) -> None:
    """Stop it; ``by`` is None by the link; raise MoveRefused."""
    if by and not may_go_on(reset, by=by):
        raise MoveRefused(NOT_YOURS_TO_RESET)
    reset.stop(by=by)
    record_reset(Action.FACTOR_RESET_STOPPED, reset, by=by)
    if by is None:
        emails.factor_reset_stopped.post(key=f"reset:{reset.pk}", reset=reset.pk)


def may_reset(account: User, *, by: User) -> bool:
    if account.pk == by.pk:
        return False
    is_new = new_address_until(account) is not None
    if by.role == Role.RGC:
        return administers(account, by=by) and not is_new
    if by.role == Role.FT_ADMIN:
        return account.role != Role.ADVISER or is_new or not has_rgc(account)
    return False


def may_go_on(reset: FactorReset, *, by: User) -> bool:
    # A two-person reset stays France Travail's: an RGC would get its slip.
    if reset.four_eyes:
        return by.role == Role.FT_ADMIN and reset.account_id != by.pk
    return may_reset(reset.account, by=by)


def administers(account: User, *, by: User) -> bool:
    return (
        account.role == Role.ADVISER
        and account.structure_id == by.structure_id
        and by.is_rgc_in_office
    )


def why_too_early(account: User, *, by: User) -> str:
    """Return why an RGC must wait or contact France Travail."""
    until = new_address_until(account)
    if until is None or by.role != Role.RGC or not administers(account, by=by):
        return ""
    changed_at = until - settings.ACCOUNT_SAFETY.new_address
    return (
        f"L’adresse de courriel de ce compte a changé le {moment(changed_at)}. Par "
        "précaution, vous pourrez demander la remise à zéro de ses seconds facteurs à "
        f"partir du {moment(until)}. Avant, seule France Travail peut le faire, à deux "
        "personnes, après avoir vérifié l’identité : adressez-vous au correspondant "
        "France Travail de votre structure."
    )


def has_rgc(account: User) -> bool:
    """Return whether an RGC in office can administer it."""
    in_force = Convention.objects.in_force().filter(structure=account.structure_id)
    in_office = Nomination.objects.in_office().filter(convention__in=in_force)
    return in_office.filter(person__state__in=COUNTED_STATES).exists()


def record_reset(
    action: Action, reset: FactorReset, *, by: User | None, **details: str
) -> None:
    journal.record(
        action, by=by, target=reset.account, details={"reset": reset.pk, **details}
    )
