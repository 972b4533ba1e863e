"""Deadlines of CVs: reminder, closing, purge (5.4, 5.8)."""

import datetime as dt
from uuid import UUID

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from opus.lib import jobs
from referrals.acts.models import record_move
from referrals.acts.states import CvState
from referrals.candidates.models import follower_of
from referrals.cv_requests import emails
from referrals.cv_requests.models import CvFile, CvRequest

AT_ONCE = 500
# Few CVs per transaction: each has up to 2 MB.
PURGED_AT_ONCE = 100


@transaction.atomic
def remind_overdue() -> int:
    """E-mail advisers about overdue CVs; return how many."""
    now, today = timezone.now(), timezone.localdate()
    overdue = list(
        CvRequest.objects.overdue()
        .filter(reminded_at__isnull=True)
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .order_by("pk")[:AT_ONCE]
    )
    for cv_request in overdue:
        # A request with an adviser's reminder keeps its state.
        if cv_request.can_move_to(CvState.REMINDED):
            cv_request.remind(by=None)
            record_move(cv_request, by=None)
    numbers = [cv_request.pk for cv_request in overdue]
    CvRequest.objects.filter(pk__in=numbers).update(reminded_at=now)
    reminded = CvRequest.objects.filter(pk__in=numbers).order_by()
    followers = reminded.values_list(follower_of("candidate__adviser"), flat=True)
    for adviser in sorted(followers.distinct()):
        emails.cvs_overdue.post(key=f"{adviser}:{today}", adviser=adviser)
    return len(overdue)


def close_without_cv() -> int:
    """Close requests fifteen days after their day; return how many."""
    late = CvRequest.objects.to_close().order_by("due_on", "pk")
    numbers = list(late.values_list("pk", flat=True)[:AT_ONCE])
    return sum(close(pk) for pk in numbers)


@transaction.atomic
def close(pk: UUID) -> bool:
    late = CvRequest.objects.to_close().select_for_update(of=("self",), no_key=True)
    cv_request = late.filter(pk=pk).first()
    if cv_request is None:
        return False
    cv_request.close_without()
    record_move(cv_request, by=None)
    return True


def purge_cvs() -> int:
    """Erase CVs closed for six months; return how many."""
    purged = 0
    while number := purge_some():
        purged += number
    return purged


@transaction.atomic
def purge_some() -> int:
    due = (
        CvFile.objects.to_purge()
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .order_by("pk")
        .values_list("pk", flat=True)[:PURGED_AT_ONCE]
    )
    return CvFile.objects.filter(pk__in=list(due)).update(
        content=None, purged_at=timezone.now()
    )


@shared_task
@jobs.exclusive("check-cvs", every=dt.timedelta(hours=1))
def check_cvs() -> None:
    """Remind of overdue CVs, close, purge (5.4)."""
    remind_overdue()
    close_without_cv()
    purge_cvs()
