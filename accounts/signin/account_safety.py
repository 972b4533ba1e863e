"""Suspend an account by a notice's link (S11, ADR 8)."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.signin import emails, factors
from accounts.signin.models import OPEN_STATES, SecurityEvent
from accounts.users import territory
from accounts.users.account_texts import why_only_france_travail
from accounts.users.enums import Role, SuspensionReason, UserState
from accounts.users.models import (
    AccountCorrection,
    AddressChange,
    User,
    recent_addresses,
)
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.privacy.models import CorrectionReason


@transaction.atomic
def put_in_safety(event: SecurityEvent) -> None:
    """Suspend the account until somebody checks it; idempotent.

    Sessions, password, first accesses and pending resets end, and the event's change of
    address is undone. New factors stay: a new first access must precede any sign-in.
    """
    account = User.objects.select_for_update(no_key=True).get(pk=event.account_id)
    event.refresh_from_db()
    if event.stopped_at or account.state == UserState.CLOSED:
        return
    # Recipients of the notices, before the address changes again.
    notified = list(recent_addresses(account))
    event.stopped_at = timezone.now()
    event.save(update_fields=["stopped_at"])
    is_back = set_former_address_back(account, event)
    with journal.gathering() as parts:
        for reset in account.factor_resets.filter(state__in=OPEN_STATES):
            factors.stop(reset, by=None)
    account.first_accesses.revoke()
    account.set_unusable_password()
    account.session_salt += 1
    account.save(update_fields=["password", "session_salt"])
    if account.state != UserState.SUSPENDED:
        account.suspend(by=None, reason=SuspensionReason.CHECK)
    journal.record(
        Action.ACCOUNT_SECURED,
        by=None,
        target=account,
        details={"event": event.pk, "kind": event.kind, "address_is_back": is_back},
        parts=parts,
    )
    for since in notified:
        emails.account_secured.post(
            key=f"{event.pk}:{since}", event=event.pk, since=since
        )
    for reader in checkers_of(account):
        emails.account_secured_to_check.post(
            key=f"{event.pk}:{reader.pk}",
            event=event.pk,
            to=reader.pk,
            back=int(is_back),
        )


def set_former_address_back(account: User, event: SecurityEvent) -> bool:
    """Undo the event's change of address, unless another followed.

    False also if another account now has that address. It creates no new event: its
    stop link would return the address to the attacker.
    """
    change = event.address_change
    if change is None or not change.former:
        return False
    if account.address_changes.filter(pk__gt=change.pk).exists():
        return False
    present, account.email = account.email, change.former
    try:
        with transaction.atomic():
            account.save(update_fields=["email"])
    except IntegrityError:
        account.email = present
        return False
    # Both tables require an author: the holder, as far as Opus knows.
    AddressChange.objects.create(account=account, former=present, by=account)
    AccountCorrection.keep(
        account, {"email": present}, by=account, reason=CorrectionReason.MISTAKE
    )
    return True


def checkers_of(account: User) -> list[User]:
    """Return administrators, and the RGC unless it changed the account."""
    home = account.structure.agency if account.structure else account.agency
    readers = territory.administrators_over(home)
    if account.role == Role.ADVISER and not why_only_france_travail(account):
        readers += User.objects.rgc_of(account.structure_id)
    return [reader for reader in readers if reader.pk != account.pk]
