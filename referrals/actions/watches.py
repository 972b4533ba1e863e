"""Watching for a person: begun, let go, told by letter or not; what was looked at."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from offers.criteria import Criteria
from offers.saved.clock import settled_until
from opus.lib import audit
from referrals.models import Candidate, Watch
from referrals.models.watches import LONGEST_QUERY, MOST_WATCHES


class WatchRefused(Exception):
    """``str(error)`` says in French why."""


@transaction.atomic
def begin(criteria: Criteria, candidate: Candidate, *, by: User) -> Watch:
    """Watch for this person what a search finds. What is open now is not new.

    Raises:
        Candidate.DoesNotExist: nobody whom the adviser accompanies.
        WatchRefused: the search asks nothing, or there are too many watches.
    """
    query = query_of(criteria)
    if asks_nothing(criteria):
        raise WatchRefused(
            "Cette recherche ne demande rien : choisissez au moins un métier, un mot "
            "ou un lieu."
        )
    if len(query) > LONGEST_QUERY:
        raise WatchRefused("Cette recherche est trop longue : retirez des critères.")
    # Held, so that two forms at once cannot pass the most.
    held = Candidate.objects.visible_to(by).select_for_update(no_key=True, of=("self",))
    candidate = held.get(pk=candidate.pk)
    known = candidate.watches.filter(query=query).first()
    if known:
        return known
    if candidate.watches.count() >= MOST_WATCHES:
        raise WatchRefused(
            f"{MOST_WATCHES} veilles existent déjà pour {candidate.short_name} : "
            "retirez-en une avant d’en ajouter."
        )
    now = settled_until()
    watch = Watch.objects.create(
        candidate=candidate,
        query=query,
        seen_until=now,
        looked_at=now,
        told_until=now,
        mail_from=now,
    )
    tell(audit.Action.WATCH_BEGUN, watch, by=by)
    return watch


def asks_nothing(criteria: Criteria) -> bool:
    """Whether it would watch every offer there is: the age of offers is no question."""
    return criteria.changed(days=None).is_empty


def query_of(criteria: Criteria) -> str:
    """What is kept of a search: its address, without order, page or age of offers."""
    return criteria.changed(sort=None, days=None).query_string


@transaction.atomic
def let_go(watch: Watch, *, by: User) -> None:
    tell(audit.Action.WATCH_ENDED, watch, by=by)
    watch.delete()


@transaction.atomic
def tell_by_mail(watch: Watch, is_on: bool, *, by: User) -> None:
    """Have the morning's letter speak of it, from now on, or no more."""
    watch.by_mail = is_on
    if is_on:
        watch.told_until = watch.mail_from = settled_until()
    watch.save(update_fields=["by_mail", "told_until", "mail_from"])
    tell(audit.Action.WATCH_CHANGED, watch, by=by)


def stop_mail_of(adviser: User) -> int:
    """No more letters to this adviser about the persons he accompanies now.

    Returns:
        How many watches were told by letter.
    """
    return Watch.objects.of_caseload(adviser).filter(by_mail=True).update(by_mail=False)


def look(watches: Sequence[Watch]) -> None:
    """What came in until now is seen; in half an hour it will not be new any more."""
    now = settled_until()
    for watch in watches:
        watch.seen_until = watch.news_since
        watch.looked_at = now
    Watch.objects.bulk_update(watches, ["seen_until", "looked_at"])


def tell(action: audit.Action, watch: Watch, *, by: User) -> None:
    audit.record(action, by=by, target=watch, persons=[watch.candidate_id])
