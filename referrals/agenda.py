"""What the clock does for convocations (domain 5.5, 5.8).

An appointment whose hour has passed is *à renseigner*. Its adviser is told of it two
days before, and so is the person who agreed to e-mails; the adviser once more a week
after, where nobody said what became of it: from then on it stands among the agency's
work too. Days are those of Paris, whatever the clocks do that night.
"""

import datetime as dt
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from opus.lib import audit
from referrals import appointment_letters as letters
from referrals import mailing
from referrals.models import Summons
from referrals.models.stand_ins import follower_of
from referrals.models.states import SUMMONS_TO_COME
from referrals.models.summonses import SummonsQuerySet

AT_ONCE = 500
# Nobody is written to at night.
FIRST_HOUR = 7


def close_past() -> int:
    """Move on those whose hour has passed; says how many."""
    past = Summons.objects.filter(state__in=SUMMONS_TO_COME, at__lte=timezone.now())
    numbers = list(past.order_by("at", "pk").values_list("pk", flat=True)[:AT_ONCE])
    return sum(be_past(pk) for pk in numbers)


@transaction.atomic
def be_past(pk: UUID) -> bool:
    """Move one on, unless somebody told of it or moved it meanwhile."""
    summons = Summons.objects.get(pk=pk)
    summons.lock()
    if summons.state not in SUMMONS_TO_COME or not summons.is_past:
        return False
    summons.be_past()
    audit.record(
        audit.Action.REFERRAL_MOVED,
        by=None,
        target=summons,
        persons=[summons.candidate_id],
        details={"to": summons.state},
    )
    return True


def start_of(day: dt.date) -> dt.datetime:
    """Midnight in Paris, at the beginning of that day."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


@transaction.atomic
def remind_advisers() -> int:
    """One letter to each adviser about the appointments of the two days that come, and
    one to each person who holds her convocation and agreed to e-mails.

    Once for each act and date; not on the day when he made it himself.

    Returns:
        How many acts were told of.
    """
    today = timezone.localdate()
    if timezone.localtime().hour < FIRST_HOUR:
        return 0
    until = start_of(today + settings.SUMMONS_REMINDED_BEFORE + dt.timedelta(days=1))
    soon = Summons.objects.filter(
        state__in=SUMMONS_TO_COME,
        at__gt=timezone.now(),
        at__lt=until,
        reminded_at__isnull=True,
        created_at__lt=start_of(today),
    )
    found = tell(soon, letters.appointments_soon)
    for summons in Summons.objects.filter(pk__in=found).select_related("candidate"):
        mailing.remind(summons)
    return len(found)


@transaction.atomic
def chase_advisers() -> int:
    """One letter to each adviser about the appointments of which nothing is known.

    Returns:
        How many acts were told of.
    """
    if timezone.localtime().hour < FIRST_HOUR:
        return 0
    # A reminder from before the appointment was about something else.
    unchased = Q(reminded_at__isnull=True) | Q(reminded_at__lt=F("at"))
    untold = Summons.objects.long_without_status().filter(unchased)
    return len(tell(untold, letters.appointments_untold))


def tell(acts: SummonsQuerySet, letter: letters.Letter) -> list[UUID]:
    """Write to those who follow the persons today, and remember that it was done.

    Returns:
        The acts that were told of.
    """
    now = timezone.now()
    held = (
        acts.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .order_by("pk")
        .values_list("pk", follower_of("candidate__adviser"))[:AT_ONCE]
    )
    found = dict(held)
    Summons.objects.filter(pk__in=found).update(reminded_at=now)
    for adviser in sorted(set(found.values())):
        letter.post(
            key=f"{adviser}:{now.isoformat()}", adviser=adviser, told_at=now.isoformat()
        )
    return list(found)
