"""Acts without news (domain 5.2, 5.8): reminders, then closing.

After 15 and 30 days, then 60. A step or an interview restarts the count.
"""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from opus.lib.audit import journal
from referrals.acts import emails
from referrals.acts.models.acts import Act
from referrals.acts.models.outcomes import DeclaredBy, OutcomeCode, OutcomeKind

AT_ONCE = 500


@transaction.atomic
def remind_advisers() -> int:
    """E-mail advisers about their silent acts; return how many."""
    now = timezone.now()
    due = Q()
    for delay in settings.ACT_REMINDED_AFTER:
        untold = Q(reminded_at__isnull=True) | Q(reminded_at__lt=F("told_at") + delay)
        due |= Q(told_at__lte=now - delay) & untold
    silent = Act.objects.silent_for(settings.ACT_REMINDED_AFTER[0]).filter(due)
    # Read the followers under lock: a caseload may be handed over meanwhile.
    first = silent.order_by("pk").values("pk")[:AT_ONCE]
    notified = Act.objects.filter(pk__in=first).lock_with_followers(AT_ONCE)
    Act.objects.filter(pk__in=notified).update(reminded_at=now)
    for adviser in sorted(set(notified.values())):
        emails.acts_silent.post(key=f"{adviser}:{now.isoformat()}", adviser=adviser)
    return len(notified)


def close_silent() -> int:
    """Close acts silent for too long; return how many."""
    acts = Act.objects.silent_for(settings.ACT_CLOSED_AFTER).order_by("pk")
    return sum(map(close, list(acts.values_list("pk", flat=True)[:AT_ONCE])))


@transaction.atomic
def close(pk: UUID) -> bool:
    act = Act.objects.select_for_update(no_key=True).get(pk=pk)
    silent = Act.objects.silent_for(settings.ACT_CLOSED_AFTER)
    code = OutcomeCode.objects.filter(kind=OutcomeKind.NO_NEWS).first()
    # France Travail edits the codes: without one for silence, close nothing.
    if code is None or not silent.filter(pk=pk).exists():
        return False
    outcome = act.outcomes.create(
        code=code,
        declared_by=DeclaredBy.OPUS,
        on=timezone.localdate(),
        at=timezone.now(),
    )
    act.end(outcome, by=None)
    journal.record(
        journal.Action.OUTCOME_RECORDED,
        by=None,
        target=act,
        persons=[act.candidate_id],
        details={"outcome": code.pk, "declared_by": str(DeclaredBy.OPUS)},
    )
    return True
