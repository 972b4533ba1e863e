"""E-mails about saved searches that are due (U5, 3.9).

One e-mail per account. A search stores until when it was notified, so a job may run
twice or late.
"""

import datetime as dt
from itertools import groupby
from operator import attrgetter
from typing import Any

from celery import shared_task
from django.db import transaction
from django.db.models import Min, Q

from offers.catalogue.models import OfferSearch
from opus.lib import jobs
from referrals.saved_searches import emails
from referrals.saved_searches.matching import count_up_to, new_offers_of, put_in_words
from referrals.saved_searches.models import (
    AlertPace,
    SavedSearch,
    last_morning,
    settled_until,
)

# The minimum between two e-mails of a search; offers meanwhile go into the next.
PAUSE = dt.timedelta(minutes=15)
# The minimum between two updates of the row of a search without news.
LOOK_BACK = dt.timedelta(minutes=10)
# Accounts in one transaction; each may have twenty searches, and those for persons.
AT_ONCE = 50


def send_alerts() -> int:
    """Post the e-mails that are due; return how many."""
    until = settled_until()
    rested = Q(emailed_at__isnull=True) | Q(emailed_at__lte=until - PAUSE)
    at_once = Q(alert=AlertPace.AT_ONCE, notified_until__lt=until) & rested
    daily = Q(alert=AlertPace.DAILY, notified_until__lt=last_morning(until))
    due = SavedSearch.objects.filter(at_once | daily)
    since = due.aggregate(since=Min("notified_until"))["since"]
    came_in = OfferSearch.objects.filter(appeared_at__lt=until)
    if since is None or not came_in.filter(appeared_at__gte=since).exists():
        return 0
    posted = last = 0
    by_reader: Any = due.with_reader()
    while batch := send_some(by_reader.filter(reader__gt=last), until):
        posted += batch[0]
        last = batch[1]
    return posted


@transaction.atomic
def send_some(due: Any, until: dt.datetime) -> tuple[int, int] | None:
    """Post the e-mails of the next accounts, their searches locked.

    Returns (e-mails, the last account), or None if nothing is due.
    """
    readers = due.order_by("reader").values_list("reader", flat=True).distinct()
    some = list(readers[:AT_ONCE])
    if not some:
        return None
    rows = due.filter(reader__in=some).order_by("reader", "pk")
    locked = rows.select_for_update(skip_locked=True, of=("self",), no_key=True)
    searches = put_in_words(locked)
    new = new_offers_of(searches, lambda one: one.notified_until, until)
    count_up_to(1, searches, new)
    with_news = [search for search in searches if search.news]
    posted = 0
    for reader, group in groupby(with_news, attrgetter("reader")):
        began = {str(one.pk): one.notified_until.isoformat() for one in group}
        emails.new_offers.post(
            # The key has the start of the news, so that two jobs make one e-mail.
            key=min(f"{since}:{pk}" for pk, since in began.items()),
            reader=reader,
            searches=began,
            until=until.isoformat(),
        )
        posted += 1
    # Store until when each was notified.
    quiet = [
        one.pk
        for one in searches
        if not one.news
        and (one.alert == AlertPace.DAILY or until - one.notified_until > LOOK_BACK)
    ]
    SavedSearch.objects.filter(pk__in=quiet).update(notified_until=until)
    notified = SavedSearch.objects.filter(pk__in=[one.pk for one in with_news])
    notified.update(notified_until=until, emailed_at=until)
    return posted, some[-1]


# A new offer is notified within a minute: this interval, five seconds of margin for
# open transactions (``watermark``), and the outbox.
ALERTS_EVERY = 30


@shared_task(expires=ALERTS_EVERY)
@jobs.exclusive("search-alerts", every=dt.timedelta(seconds=ALERTS_EVERY))
def send_search_alerts() -> None:
    """Send the e-mails of searches, at once or mornings (U5)."""
    send_alerts()
