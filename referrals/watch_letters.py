"""Which advisers get the morning's letter about the persons they watch for.

Each watch remembers until when it was told, so a job that runs twice, late or not at
all tells everything once. Letters are composed as they leave: ``referrals.emails``.
"""

import datetime as dt
from collections import defaultdict

from django.db import transaction

from offers.saved.alerts import last_hour
from offers.saved.clock import settled_until
from referrals import emails
from referrals.models import Watch
from referrals.models.stand_ins import follower_of
from referrals.models.watches import WatchQuerySet
from referrals.watching import news_by_person

# Advisers in one transaction.
AT_ONCE = 50


def tell_advisers() -> int:
    """Post a letter to each adviser for whom something came in since the last one.

    Returns:
        How many letters.
    """
    until = settled_until()
    due = Watch.objects.filter(by_mail=True, told_until__lt=last_hour(until))
    posted = 0
    while told := tell_some(due, until):
        posted += told[1]
    return posted


@transaction.atomic
def tell_some(due: WatchQuerySet, until: dt.datetime) -> tuple[int, int] | None:
    """The watches of the next advisers, each held while it is told.

    Returns:
        (watches, letters), or None where nothing is due.
    """
    due = due.annotate(follower=follower_of("candidate__adviser"))
    advisers = due.order_by("follower").values_list("follower", flat=True)
    some = list(advisers.distinct()[:AT_ONCE])
    watches = list(
        due.filter(follower__in=some)
        .select_related("candidate")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .order_by("pk")
    )
    if not watches:
        return None
    by_adviser: dict[int, list[Watch]] = defaultdict(list)
    for watch in watches:
        by_adviser[watch.follower].append(watch)
    since = min(watch.told_until for watch in watches)
    with_news = news_by_person(watches, since, until)
    posted = 0
    for adviser, theirs in sorted(by_adviser.items()):
        if not any(watch.candidate_id in with_news for watch in theirs):
            continue
        began = min(watch.told_until for watch in theirs).isoformat()
        emails.watch_news.post(
            # Where it began, so that two jobs at once would make one letter of it.
            key=f"{adviser}:{began}",
            adviser=adviser,
            since=began,
            until=until.isoformat(),
        )
        posted += 1
    Watch.objects.filter(pk__in=[watch.pk for watch in watches]).update(
        told_until=until
    )
    return len(watches), posted
