"""Reset a lost second factor (S10, ADR 8).

An RGC resets advisers' factors. France Travail resets an RGC's or a colleague's by two
persons, and an adviser's only without an RGC in office; within 7 days of a change of
address, only France Travail, by two persons. The identity check is recorded. The holder
has a day's notice at every recent address, and may stop it.
"""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.agreements.models.conventions import Convention
from accounts.nominations.models import Nomination
from accounts.signin import emails, rate_limits
from accounts.signin.emails import notify
from accounts.signin.models.access_changes import SecurityEventKind
from accounts.signin.models.factor_recovery import OPEN_STATES, FactorReset, ResetState
from accounts.users.enums import COUNTED_STATES, Role
from accounts.users.models.addresses import new_address_until, recent_addresses
from accounts.users.models.first_access import FirstAccess
from accounts.users.models.users import User
from accounts.users.refusals import refuse_held
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.database.states import MoveRefused
from opus.lib.dates import moment

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
    record(
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
    record(Action.FACTOR_RESET_CONFIRMED, reset, by=by)


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
    record(Action.FACTOR_RESET_DONE, reset, by=by)
    notify(account, SecurityEventKind.FACTORS_RESET, by=by)
    return secret


@transaction.atomic
def stop(reset: FactorReset, *, by: User | None) -> None:
    """Stop it; ``by`` is None by the link; raise MoveRefused."""
    if by and not may_go_on(reset, by=by):
        raise MoveRefused(NOT_YOURS_TO_RESET)
    reset.stop(by=by)
    record(Action.FACTOR_RESET_STOPPED, reset, by=by)
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


def record(
    action: Action, reset: FactorReset, *, by: User | None, **details: str
) -> None:
    journal.record(
        action, by=by, target=reset.account, details={"reset": reset.pk, **details}
    )
