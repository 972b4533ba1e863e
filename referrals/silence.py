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
    PLACEMENTS,
    DeclaredBy,
    OutcomeCode,
    OutcomeKind,
    PlacementModel,
)
from referrals.models.stand_ins import follower_of

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
    told: dict[UUID, int] = {}
    for model in PLACEMENTS:
        silent = model.objects.silent_for(settings.ACT_REMINDED_AFTER[0]).filter(due)
        # Whose they are is asked under lock: a caseload may be handed over meanwhile.
        held = (
            model.objects.filter(pk__in=silent.order_by("pk").values("pk")[:AT_ONCE])
            .select_for_update(of=("self",), no_key=True, skip_locked=True)
            .order_by("pk")
            .values_list("pk", follower_of("candidate__adviser"))
        )
        found = dict(held)
        model.objects.filter(pk__in=found).update(reminded_at=now)
        told |= found
    for adviser in sorted(set(told.values())):
        emails.acts_silent.post(key=f"{adviser}:{now.isoformat()}", adviser=adviser)
    return len(told)


def close_silent() -> int:
    """Close without news what was silent for too long; says how many acts."""
    return sum(close_silent_of(model) for model in PLACEMENTS)


def close_silent_of(model: PlacementModel) -> int:
    acts = model.objects.silent_for(settings.ACT_CLOSED_AFTER).order_by("pk")
    numbers = list(acts.values_list("pk", flat=True)[:AT_ONCE])
    return sum(close(model, pk) for pk in numbers)


@transaction.atomic
def close(model: PlacementModel, pk: UUID) -> bool:
    """Close one, unless somebody said something meanwhile."""
    act = model.objects.select_for_update(no_key=True).get(pk=pk)
    silent = model.objects.silent_for(settings.ACT_CLOSED_AFTER)
    code = OutcomeCode.objects.filter(kind=OutcomeKind.NO_NEWS).first()
    # France Travail edits the codes: without one for it, no act is closed so.
    if code is None or not silent.filter(pk=pk).exists():
        return False
    outcome = act.outcomes.create(
        code=code,
        declared_by=DeclaredBy.OPUS,
        on=timezone.localdate(),
        at=timezone.now(),
    )
    act.end(outcome, by=None)
    audit.record(
        audit.Action.OUTCOME_RECORDED,
        by=None,
        target=act,
        persons=[act.candidate_id],
        details={"outcome": code.pk, "declared_by": str(DeclaredBy.OPUS)},
    )
    return True
