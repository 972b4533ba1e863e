"""What the watches of some persons find: many watches, few questions (domain 3.9)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from itertools import batched
from uuid import UUID

from django.db.models import IntegerField, QuerySet, Value

from offers.models import Offer, OfferSearch
from offers.saved.matching import matches_of
from offers.saved.news import came_in
from offers.saved.words import Dictionary
from referrals.models import Watch

# What a page shows of one watch; the search shows the rest.
SHOWN = 20
# Counted no further: a count says « 99+ ».
MOST_NEWS = 100
# Watches in one statement.
AT_ONCE = 100


@dataclasses.dataclass(frozen=True)
class Found:
    """One offer that fits, and whether it came in since the last look."""

    offer: Offer
    is_new: bool


@dataclasses.dataclass(frozen=True)
class Watched:
    """One watch as a page shows it."""

    watch: Watch
    parts: list[str]
    unread: list[str]
    found: list[Found]
    has_more: bool

    @property
    def title(self) -> str:
        return ", ".join(self.parts)

    @property
    def news(self) -> int:
        return sum(one.is_new for one in self.found)


def fresh_in(watched: Sequence[Watched]) -> int:
    """How many of the offers shown are new, each once."""
    return len(
        {found.offer.pk for one in watched for found in one.found if found.is_new}
    )


def read(watches: Sequence[Watch]) -> list[Watched]:
    """What each of a person's watches finds now, the latest come first.

    Six queries, however many the watches and the offers.
    """
    sound = [watch for watch in watches if watch.is_sound]
    rows = latest_of(matches_of([watch.criteria for watch in sound]))
    references = {reference for those in rows for reference, _ in those}
    offers = (
        Offer.objects.active()
        .defer("description", "details", "skills_text")
        .in_bulk(references)
        if references
        else {}
    )
    by_watch = dict(zip([watch.pk for watch in sound], rows, strict=True))
    dictionary = Dictionary(watch.criteria for watch in watches)
    return [
        Watched(
            watch,
            dictionary.parts(watch.criteria),
            dictionary.unread(watch.criteria),
            [
                Found(offers[reference], appeared_at >= watch.news_since)
                for reference, appeared_at in by_watch.get(watch.pk, [])[:SHOWN]
                # One withdrawn between the two questions is left out (R1).
                if reference in offers
            ],
            has_more=len(by_watch.get(watch.pk, [])) > SHOWN,
        )
        for watch in watches
    ]


def latest_of(
    searches: Sequence[QuerySet[OfferSearch]],
) -> list[list[tuple[str, dt.datetime]]]:
    """The latest offers of each, one more than a page shows; one statement for all."""
    found: list[list[tuple[str, dt.datetime]]] = [[] for _ in searches]
    if not searches:
        return found
    branches = [
        offers.order_by("-appeared_at", "offer_id").values_list(
            Value(number, IntegerField()), "offer_id", "appeared_at"
        )[: SHOWN + 1]
        for number, offers in enumerate(searches)
    ]
    first, *others = branches
    rows = first.union(*others, all=True) if others else first
    for number, reference, appeared_at in rows:
        found[number].append((reference, appeared_at))
    for those in found:
        those.sort(key=lambda row: (-row[1].timestamp(), row[0]))
    return found


@dataclasses.dataclass(frozen=True)
class News:
    """How much came in for one person: in all, published nowhere, hard to fill."""

    offers: int
    unpublished: int = 0
    few_candidates: int = 0


def count_news(watches: Sequence[Watch]) -> int:
    """What came in since the last look, of all these together, a hundred at most.

    One statement; an offer that fits two watches counts once.
    """
    branches = [
        came_in(offers, watch.looked_at).order_by().values_list("offer_id")[:MOST_NEWS]
        for watch, offers in with_matches(watches)
    ]
    if not branches:
        return 0
    first, *others = branches
    return len(set(first.union(*others) if others else first))


def news_by_person(
    watches: Sequence[Watch], since: dt.datetime, until: dt.datetime
) -> dict[UUID, News]:
    """What came in for each person and is still open; who has nothing is left out.

    One statement for a hundred watches. One that was begun later counts from there.
    """
    told: dict[UUID, dict[str, set[str]]] = {}
    for some in batched(with_matches(watches), AT_ONCE):
        branches = [
            came_in(offers, max(since, watch.mail_from), until)
            .order_by()
            .values_list(
                Value(number, IntegerField()),
                "offer_id",
                "published",
                "offer__few_candidates",
            )[:MOST_NEWS]
            for number, (watch, offers) in enumerate(some)
        ]
        first, *others = branches
        rows = first.union(*others, all=True) if others else first
        for number, reference, published, few in rows:
            sets = told.setdefault(
                some[number][0].candidate_id,
                {"all": set(), "hidden": set(), "few": set()},
            )
            sets["all"].add(reference)
            if not published:
                sets["hidden"].add(reference)
            if few:
                sets["few"].add(reference)
    return {
        person: News(len(sets["all"]), len(sets["hidden"]), len(sets["few"]))
        for person, sets in told.items()
    }


def with_matches(
    watches: Sequence[Watch],
) -> list[tuple[Watch, QuerySet[OfferSearch]]]:
    """Each watch that is understood, with the offers that fit, not asked yet."""
    sound = [watch for watch in watches if watch.is_sound]
    asked = matches_of([watch.criteria for watch in sound])
    return list(zip(sound, asked, strict=True))
