"""What follows where a CV does not come, and where nobody needs it more (5.4, 5.8).

Once its day has passed, Opus tells its adviser, once; fifteen days later it closes the
request. Six months after a request is closed, the bytes of its CV are erased.
"""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from offers.models import OfferState
from opus.lib import audit
from referrals import emails
from referrals.models import CvFile, CvRequest, CvState
from referrals.models.stand_ins import follower_of

AT_ONCE = 500
# CVs weigh up to 2 MB each: a transaction lets go of few.
PURGED_AT_ONCE = 100


@transaction.atomic
def remind_overdue() -> int:
    """Move what has become overdue, and tell each adviser in one letter.

    Not where the offer was withdrawn: the CV is of no use as long as it is.

    Returns:
        How many requests were told of.
    """
    now, today = timezone.now(), timezone.localdate()
    overdue = list(
        CvRequest.objects.overdue()
        .filter(reminded_at__isnull=True, offer__state=OfferState.ACTIVE)
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .order_by("pk")[:AT_ONCE]
    )
    for cv_request in overdue:
        # One of which its adviser reminded already stays there.
        if cv_request.can_move_to(CvState.REMINDED):
            cv_request.remind(by=None)
            tell(cv_request)
    numbers = [cv_request.pk for cv_request in overdue]
    CvRequest.objects.filter(pk__in=numbers).update(reminded_at=now)
    told = CvRequest.objects.filter(pk__in=numbers).order_by()
    followers = told.values_list(follower_of("candidate__adviser"), flat=True)
    for adviser in sorted(followers.distinct()):
        emails.cvs_overdue.post(key=f"{adviser}:{today}", adviser=adviser)
    return len(overdue)


def close_without_cv() -> int:
    """Close what never came, fifteen days after it was due; says how many."""
    late = CvRequest.objects.to_close().order_by("due_on", "pk")
    numbers = list(late.values_list("pk", flat=True)[:AT_ONCE])
    return sum(close(pk) for pk in numbers)


@transaction.atomic
def close(pk: UUID) -> bool:
    """Close one, unless it came or was called off meanwhile."""
    late = CvRequest.objects.to_close().select_for_update(of=("self",), no_key=True)
    cv_request = late.filter(pk=pk).first()
    if cv_request is None:
        return False
    cv_request.close_without()
    tell(cv_request)
    return True


def purge_cvs() -> int:
    """Erase the CVs whose request has been closed for six months; says how many."""
    purged = 0
    while number := purge_some():
        purged += number
    return purged


@transaction.atomic
def purge_some() -> int:
    """A few of them; what they were, and that they were, stays."""
    due = (
        CvFile.objects.to_purge()
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .order_by("pk")
        .values_list("pk", flat=True)[:PURGED_AT_ONCE]
    )
    return CvFile.objects.filter(pk__in=list(due)).update(
        content=None, purged_at=timezone.now()
    )


def tell(cv_request: CvRequest) -> None:
    """The journal's line of a move that Opus makes."""
    audit.record(
        audit.Action.REFERRAL_MOVED,
        by=None,
        target=cv_request,
        persons=[cv_request.candidate_id],
        details={"to": cv_request.state},
    )
