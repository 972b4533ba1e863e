"""Warn at 60 and 75 days, suspend at 90 (S26)."""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.users import account_texts, emails, territory
from accounts.users.enums import COUNTED_STATES, SuspensionReason
from accounts.users.models import Leave, User
from accounts.users.territory import is_opened_today, opened_today
from opus.lib.audit import journal
from opus.lib.audit.journal import Action

UNUSED = (
    "Votre compte n’a pas servi depuis plus de {days} jours : l’accès est suspendu "
    "(convention, art. 4.2). Demandez {to_whom} de le réactiver."
)
ON_LEAVE = (
    "Une absence de plus de trois mois est enregistrée pour vous : l’accès est "
    "suspendu tant qu’elle dure (convention, art. 4.2). Si vous êtes de retour, "
    "demandez {to_whom} de réactiver votre compte."
)


def why_shut(user: User, *, is_on_long_leave: bool) -> str:
    """Return why absence refuses this account: no job is needed."""
    if not (is_on_long_leave or user.is_long_away):
        return ""
    sentence = ON_LEAVE if is_on_long_leave else UNUSED
    to_whom = account_texts.to(account_texts.helper_of(user))
    return sentence.format(to_whom=to_whom, days=settings.ABSENCE_SUSPENDS)


def why_kept_out(user: User) -> str:
    leaves = user.leaves.long().covering(timezone.localdate())
    return why_shut(user, is_on_long_leave=leaves.exists())


def due() -> QuerySet[User]:
    today = timezone.localdate()
    limit = today - dt.timedelta(days=settings.ABSENCE_SUSPENDS)
    unused = User.objects.unused_since(limit).values("pk")
    on_leave = Leave.objects.long().covering(today).values("account")
    return User.objects.filter(
        Q(pk__in=unused) | Q(pk__in=on_leave), state__in=COUNTED_STATES
    )


def suspend_due(structure_id: int | None = None) -> int:
    """Suspend for absence, optionally in one structure; return how many."""
    accounts = due()
    if structure_id:
        accounts = accounts.filter(structure=structure_id)
    keys = list(accounts.order_by("pk").values_list("pk", flat=True))
    return sum(suspend(pk) for pk in keys)


@transaction.atomic
def suspend(pk: int) -> bool:
    """Suspend one account, unless it signed in meanwhile."""
    User.objects.select_for_update(no_key=True).get(pk=pk)
    account = due().filter(pk=pk).first()
    if account is None:
        return False
    details = {"reason": SuspensionReason.ABSENCE}
    account.suspend(by=None, **details)
    account.first_accesses.revoke()
    journal.record(Action.ACCOUNT_SUSPENDED, by=None, target=account, details=details)
    # Nobody could sign in without a convention: the letter would reproach it.
    if is_opened_today(account):
        notify_suspension(account)
    return True


def notify_suspension(account: User) -> None:
    key = f"{account.pk}:{account.steps.latest('pk').pk}"
    emails.absence_suspended.post(key=key, account=account.pk)
    for person in territory.supervisors_of(account):
        emails.absence_suspended_told.post(
            key=f"{key}:{person.pk}", account=account.pk, to=person.pk
        )


def warn() -> None:
    """Warn once at each delay, and again if the day moved."""
    today = timezone.localdate()
    first = today - dt.timedelta(days=min(settings.ABSENCE_WARNINGS))
    unused = opened_today(User.objects.unused_since(first))
    for account in unused.prefetch_related("leaves"):
        if account.days_left <= 0 or any(
            leave.silences(today) for leave in account.leaves.all()
        ):
            continue
        days = max(
            days for days in settings.ABSENCE_WARNINGS if days <= account.days_unused
        )
        since = account.used_on.isoformat()
        # A long absence moves the day; without one, the day follows from ``since``.
        moved = account.suspends_on != account.suspended_from
        day = f":{account.suspends_on}" if moved else ""
        emails.absence_warning.post(
            key=f"{account.pk}:{since}:{days}{day}", account=account.pk, since=since
        )
