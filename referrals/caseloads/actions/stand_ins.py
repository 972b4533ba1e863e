"""A colleague follows a caseload for a time (domain 5.6).

Nothing moves: access depends on the dates (``referrals.candidates.models.stand_ins``).
"""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.users.models.users import User
from opus.lib.audit.journal import Action, record
from opus.lib.dates import date_format
from referrals.candidates.models.stand_ins import StandIn
from referrals.caseloads import emails, transfers
from referrals.caseloads.models import CaseloadTransfer, TransferKind
from referrals.caseloads.transfers import HandoverRefused, lock_caseload


@transaction.atomic
def confide(
    account: User, *, to: User, starts_on: dt.date, ends_on: dt.date, by: User
) -> CaseloadTransfer:
    """Let a colleague follow a caseload, both days included, at once or when due."""
    # One at a time in a structure, as for a hand-over.
    locked = lock_caseload(account)
    account.refresh_from_db(fields=["state"])
    refuse_dates(starts_on, ends_on)
    transfer = CaseloadTransfer(
        account=account,
        asked_by=by,
        kind=TransferKind.FOR_A_TIME,
        others_to=to,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    return transfers.confide(transfer, locked)


@transaction.atomic
def take_back(stand_in: StandIn, *, by: User) -> None:
    """End it at once; nothing happens if it has ended."""
    standing = StandIn.objects.ahead().filter(pk=stand_in.pk)
    if not standing.update(ended_at=timezone.now(), ended_by=by):
        return
    details = {"from": stand_in.colleague_id}
    record(Action.CASELOAD_TAKEN_BACK, by=by, target=stand_in.owner, details=details)
    others = {stand_in.owner_id, stand_in.colleague_id} - {by.pk}
    emails.notify_taken_back(stand_in, others)


def refuse_dates(starts_on: dt.date, ends_on: dt.date) -> None:
    """Refuse days that are past, reversed or too many."""
    if starts_on < timezone.localdate():
        raise HandoverRefused(
            "Ce jour est passé\u00a0: choisissez aujourd’hui ou un jour à venir.",
            field="starts_on",
        )
    if ends_on < starts_on:
        raise HandoverRefused("Le dernier jour précède le premier.", field="ends_on")
    latest = starts_on + settings.STAND_IN_AT_MOST - dt.timedelta(days=1)
    if ends_on > latest:
        raise HandoverRefused(
            f"Des suivis se confient {settings.STAND_IN_AT_MOST.days}\u00a0jours au "
            f"plus\u00a0: ici, jusqu’au {date_format(latest)}. Pour plus longtemps, "
            "le RGC les confie définitivement.",
            field="ends_on",
        )
