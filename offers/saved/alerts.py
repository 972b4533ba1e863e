"""Which searches have something to tell, and when: at once, or each morning (U5).

Whatever their number, the searches of one person make one letter. What came in lately
is held against those of some people, all in one statement; the offers that did not
change are never looked through again. A search remembers until when it was told, so a
job that runs twice, late or not at all tells everything once. Letters are composed as
they leave: ``offers.emails``.
"""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from operator import attrgetter

from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone

from offers import emails
from offers.models import AlertPace, OfferSearch, SavedSearch
from offers.models.searches import SavedSearchQuerySet
from offers.saved.clock import settled_until
from offers.saved.matching import matches_of
from offers.saved.news import count_each
from offers.saved.words import put_in_words

# Between two letters of one search: what comes in meanwhile is in the next one.
PAUSE = dt.timedelta(minutes=15)
# The morning's letters.
DAILY_AT = dt.time(7, 0)
# How far back a search without news is looked at: its row is written no more often.
LOOK_BACK = dt.timedelta(minutes=10)
# Accounts in one transaction; each may keep twenty searches.
AT_ONCE = 50


def tell_at_once() -> int:
    """Have the letters leave of searches that wait for nothing. Says how many."""
    until = settled_until()
    rested = Q(letter_at__isnull=True) | Q(letter_at__lte=until - PAUSE)
    due = SavedSearch.objects.filter(alert=AlertPace.AT_ONCE, told_until__lt=until)
    return tell(due.filter(rested), until)


def tell_daily() -> int:
    """Have the morning's letters leave, once a day, however late the clock is."""
    until = settled_until()
    hour = last_hour(until)
    daily = SavedSearch.objects.filter(alert=AlertPace.DAILY, told_until__lt=hour)
    return tell(daily, until)


def last_hour(instant: dt.datetime) -> dt.datetime:
    """When the clock last struck the hour of the morning's letters, in Paris."""
    local = timezone.localtime(instant)
    day = local.date() if local.time() >= DAILY_AT else local.date() - dt.timedelta(1)
    return timezone.make_aware(dt.datetime.combine(day, DAILY_AT))


def tell(due: SavedSearchQuerySet, until: dt.datetime) -> int:
    """Post a letter for each of these searches that has something new."""
    since = due.aggregate(since=Min("told_until"))["since"]
    if (
        since is None
        or not OfferSearch.objects.filter(
            appeared_at__gte=since, appeared_at__lt=until
        ).exists()
    ):
        return 0
    posted = last = 0
    while batch := tell_some(due.filter(account__gt=last), until):
        posted += batch[0]
        last = batch[1]
    return posted


@transaction.atomic
def tell_some(due: SavedSearchQuerySet, until: dt.datetime) -> tuple[int, int] | None:
    """The searches of the next accounts, each held while it is told.

    Returns:
        (letters, the last account), or None where nothing is due.
    """
    accounts = due.order_by("account").values_list("account", flat=True).distinct()
    some = list(accounts[:AT_ONCE])
    if not some:
        return None
    rows = due.filter(account__in=some).order_by("account", "name", "pk")
    searches = put_in_words(rows.select_for_update(skip_locked=True, of=("self",)))
    sound = [search for search in searches if search.is_sound]
    asked = matches_of([search.criteria for search in sound])
    windows = [
        (offers, search.told_until, until)
        for search, offers in zip(sound, asked, strict=True)
    ]
    told = [
        search
        for search, found in zip(sound, count_each(windows, 1), strict=True)
        if found
    ]
    letters = [list(theirs) for _, theirs in groupby(told, attrgetter("account_id"))]
    for theirs in letters:
        post_letter(theirs, until)
    write_down(searches, told, until)
    return len(letters), some[-1]


def post_letter(searches: list[SavedSearch], until: dt.datetime) -> None:
    """One letter for these searches of one person."""
    began = {str(search.pk): search.told_until.isoformat() for search in searches}
    emails.new_offers.post(
        # Where it began, so that two jobs at once would make one letter of it.
        key=min(f"{since}:{pk}" for pk, since in began.items()),
        searches=began,
        until=until.isoformat(),
    )


def write_down(
    searches: list[SavedSearch], told: list[SavedSearch], until: dt.datetime
) -> None:
    """Until when each has been told; one without news only now and then."""
    posted = {search.pk for search in told}
    quiet = [
        search.pk
        for search in searches
        if search.pk not in posted
        and (search.alert == AlertPace.DAILY or until - search.told_until > LOOK_BACK)
    ]
    rows = SavedSearch.objects
    if posted:
        rows.filter(pk__in=posted).update(told_until=until, letter_at=until)
    if quiet:
        rows.filter(pk__in=quiet).update(told_until=until)
