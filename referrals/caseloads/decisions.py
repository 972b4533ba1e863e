"""Whether a gesture that opens persons to an account is done at once (ADR 28).

Every gesture asks ``decide``: a hand-over, a stand-in, a closing with receivers. An
account that was opened, reopened or appointed lately, or whose slip, address or factors
are new, receives nobody at once.
"""

import datetime as dt
import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db.models import Max, Q, Sum
from django.utils import timezone

from accounts.nominations.enums import NominationState
from accounts.nominations.models import NominationStep
from accounts.signin.models.access_changes import SecurityEventKind
from accounts.users.enums import UserState
from accounts.users.models.users import User
from accounts.users.refusals import refuse_held
from opus.lib.dates import in_paris, next_working_day
from referrals.acts.models.acts import Act
from referrals.caseloads.models import CaseloadTransfer, WhyAtOnce

RENEWS = (
    SecurityEventKind.FIRST_ACCESS,
    SecurityEventKind.ADDRESS,
    SecurityEventKind.FACTORS_RESET,
)


def decide(transfer: CaseloadTransfer, *, people: int) -> None:
    """Write on it whether it is done at once, and why, or until when it waits.

    Locks the author, so that two gestures are counted one after the other. Raises
    MoveRefused while his gestures are held.
    """
    by = User.objects.select_for_update(no_key=True).get(pk=transfer.asked_by_id)
    refuse_held(by)
    now = timezone.now()
    since = now - settings.HANDOVER.new_account
    transfer.people = people
    transfer.asked_at = transfer.ready_at = now
    transfer.receiver_is_new = any(renewed_at(to) > since for to in transfer.receivers)
    if transfer.is_own and not transfer.receiver_is_new:
        transfer.at_once = WhyAtOnce.OWN
    elif people <= left_of(transfer):
        transfer.at_once = WhyAtOnce.FEW
    else:
        transfer.ready_at = waits_until(now)


def left_of(transfer: CaseloadTransfer) -> int:
    """Return how many of its persons may go at once, if only their number waits."""
    if transfer.receiver_is_new or transfer.is_to_oneself or transfer.is_own:
        return 0
    return left_at_once(transfer.asked_by)


def left_at_once(by: User) -> int:
    """Return how many persons of others this author may still open at once."""
    limits, now = settings.HANDOVER, timezone.now()
    done = CaseloadTransfer.objects.filter(asked_by=by, at_once=WhyAtOnce.FEW)
    counted = done.filter(asked_at__gt=now - dt.timedelta(days=7)).aggregate(
        week=Sum("people", default=0),
        day=Sum("people", filter=Q(asked_at__gt=now - limits.waits), default=0),
    )
    day, week = counted["day"], counted["week"]
    return max(0, min(limits.at_once - day, limits.at_once_in_a_week - week))


def renewed_at(account: User) -> dt.datetime:
    """Return from when its age counts."""
    # The first complete sign-in, and a reopening.
    opened = account.steps.filter(target=UserState.ACTIVE)
    renewed = account.security_events.filter(kind__in=RENEWS)
    # An office that goes on in the next convention changes nothing (art. 13).
    offices = NominationStep.objects.filter(
        nomination__person=account,
        origin=NominationState.ACCEPTED,
        target=NominationState.IN_OFFICE,
    )
    lasts = [rows.aggregate(at=Max("at"))["at"] for rows in (opened, renewed, offices)]
    return max(filter(None, [account.created_at, *lasts]))


def waits_until(now: dt.datetime) -> dt.datetime:
    """Return the end of the wait: a day, and noon of the next working day."""
    limits = settings.HANDOVER
    noon = in_paris(next_working_day(timezone.localdate(now)), limits.waits_until)
    return max(now + limits.waits, noon)


def pressing(acts: Iterable[Act], at_most: int) -> set[uuid.UUID]:
    """Return the persons with an appointment or a step due soon, the first ones."""
    last = timezone.localdate()
    for _ in range(settings.HANDOVER.pressing_days):
        last = next_working_day(last)
    due: dict[uuid.UUID, dt.date] = {}
    for act in acts:
        at, on = getattr(act, "at", None), getattr(act, "due_on", None)
        day = timezone.localdate(at) if at else on
        if day and day <= last:
            due[act.candidate_id] = min(day, due.get(act.candidate_id, day))
    return set(sorted(due, key=lambda person: (due[person], person))[:at_most])
