"""What follows where nobody says what came of an act (domain 5.2, 5.8).

Its adviser is reminded after 15 days and after 30; after 60 Opus closes it *sans
nouvelles*. A step, or the day of an interview, begins the count anew; whoever learns
something later opens the act again.
"""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from opus.lib import audit
from referrals import emails
from referrals.models import (
    DeclaredBy,
    Outcome,
    OutcomeCode,
    OutcomeKind,
    Referral,
)

AT_ONCE = 500


@transaction.atomic
def remind_advisers() -> int:
    """One letter to each adviser about his acts that have become silent.

    Returns:
        How many acts were told of.
    """
    now = timezone.now()
    due = Q()
    for delay in settings.ACT_REMINDED_AFTER:
        untold = Q(reminded_at__isnull=True) | Q(reminded_at__lt=F("told_at") + delay)
        due |= Q(told_at__lte=now - delay) & untold
    silent = Referral.objects.silent_for(settings.ACT_REMINDED_AFTER[0]).filter(due)
    # Whose they are is asked under lock: a caseload may be handed over meanwhile.
    held = (
        Referral.objects.filter(pk__in=silent.order_by("pk").values("pk")[:AT_ONCE])
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .order_by("pk")
        .values_list("pk", "candidate__adviser")
    )
    told = dict(held)
    Referral.objects.filter(pk__in=told).update(reminded_at=now)
    for adviser in sorted(set(told.values())):
        emails.acts_silent.post(key=f"{adviser}:{now.isoformat()}", adviser=adviser)
    return len(told)


def close_silent() -> int:
    """Close without news what was silent for too long; says how many acts."""
    acts = Referral.objects.silent_for(settings.ACT_CLOSED_AFTER).order_by("pk")
    return sum(close(pk) for pk in list(acts.values_list("pk", flat=True)[:AT_ONCE]))


@transaction.atomic
def close(pk: UUID) -> bool:
    """Close one, unless somebody said something meanwhile."""
    referral = Referral.objects.select_for_update(no_key=True).get(pk=pk)
    silent = Referral.objects.silent_for(settings.ACT_CLOSED_AFTER)
    code = OutcomeCode.objects.filter(kind=OutcomeKind.NO_NEWS).first()
    # France Travail edits the codes: without one for it, no act is closed so.
    if code is None or not silent.filter(pk=pk).exists():
        return False
    outcome = Outcome.objects.create(
        referral=referral,
        code=code,
        declared_by=DeclaredBy.OPUS,
        on=timezone.localdate(),
        at=timezone.now(),
    )
    referral.end(outcome, by=None)
    audit.record(
        audit.Action.OUTCOME_RECORDED,
        by=None,
        target=referral,
        persons=[referral.candidate_id],
        details={"outcome": code.pk, "declared_by": str(DeclaredBy.OPUS)},
    )
    return True
