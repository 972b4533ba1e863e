"""A colleague follows a caseload for a time (domain 5.6).

Nothing moves: access depends on the dates (``referrals.candidates.models.stand_ins``).
"""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.users.models.users import User
from opus.lib.audit.journal import Action, record
from opus.lib.dates.formats import date_format, moment
from referrals.candidates.models.stand_ins import StandIn
from referrals.caseloads import emails
from referrals.caseloads.actions.handover import carry_out, refuse_second
from referrals.caseloads.decisions import decide
from referrals.caseloads.models import CaseloadTransfer, TransferKind
from referrals.caseloads.transfers import HandoverRefused, check_receiver, lock_caseload


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
    check_receiver(transfer, to)
    refuse_second(account)
    decision = decide(by=by, giver=account, receivers=[to], people=locked.people)
    if not decision.at_once and ends_on < timezone.localdate(decision.ready_at):
        raise HandoverRefused(
            "Ces suivis ne peuvent être confiés avant le "
            f"{moment(decision.ready_at)}\u00a0: choisissez un dernier jour plus tard.",
            field="ends_on",
        )
    return carry_out(transfer, locked, decision)


@transaction.atomic
def take_back(stand_in: StandIn, *, by: User) -> None:
    """End it at once; nothing happens if it has ended."""
    standing = StandIn.objects.ahead().filter(pk=stand_in.pk)
    if not standing.update(ended_at=timezone.now(), ended_by=by):
        return
    details = {"from": stand_in.colleague_id}
    record(Action.CASELOAD_TAKEN_BACK, by=by, target=stand_in.owner, details=details)
    for reader in {stand_in.owner_id, stand_in.colleague_id} - {by.pk}:
        emails.caseload_taken_back.post(
            key=f"{stand_in.pk}:{reader}", stand_in=str(stand_in.pk), to=reader
        )


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
