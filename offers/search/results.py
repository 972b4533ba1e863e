"""The offers that a search finds; if it finds none, what to give up."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import cast

from django.conf import settings
from django.db.models import Expression, F, FloatField, Q, QuerySet, Value
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.users.models import User
from offers.catalogue.formatting import FIXED
from offers.catalogue.models import Offer, OfferSearch
from offers.reference.places import Area, areas_by_code
from offers.search import sql
from offers.search.conditions import (
    Condition,
    Point,
    Words,
    all_of,
    around,
    distance_from,
    of_days,
    of_needs,
    of_places,
    of_trades,
    of_words,
    select,
)
from offers.search.criteria import (
    BY_NAME,
    LAST_PAGE,
    PERIODS,
    Criteria,
    Sort,
    WordsRule,
)
from offers.search.models import Miss, MissedWord
from offers.search.words import MOST_WORDS, find_names, respell
from opus.lib.french import plain
from opus.lib.text_guard.guard import look
from opus.lib.web import ListPage, ListPaginator

# Wider radii around the commune, as far as people travel for a job.
FARTHER_KM = (20, 30, 50, 100)
MOST_FARTHER = 2
# Offers shown below the proposals.
NEAREST = 3
# Conditions that are the job itself.
THE_JOB = ("q", "rome", "appellation")
UNNAMED = {
    "appellation": "Sans l’appellation",
    "competence": "Sans la compétence",
    "secteur": "Dans tous les secteurs",
    "salaire": "Quel que soit le salaire",
}


@dataclass(frozen=True, slots=True)
class Proposal:
    label: str
    criteria: Criteria
    conditions: Sequence[Condition]
    count: int = 0

    @property
    def is_capped(self) -> bool:
        return self.count > sql.cap()

    @property
    def shown_count(self) -> int:
        return min(self.count, sql.cap())


class Proposals:
    """What to give up of a search without offers, in that order, with counts.

    ``same_job``: the first that finds offers enough of it; they are shown below.
    """

    def __init__(self, search: Search) -> None:
        self.search, self.criteria = search, search.criteria
        # Words that were read are corrected already.
        is_exact = self.criteria.rule == WordsRule.EXACT
        texts = respell(self.criteria.words) if is_exact else []
        spellings = [self.worded(text, text) for text in texts]
        dropped = list(self.without_one())
        same_job = [
            *self.farther(),
            *(one for name, one in dropped if name == "lieu"),
            *(one for name, one in dropped if name not in {"lieu", *THE_JOB}),
        ]
        another_job = (one for name, one in dropped if name in THE_JOB)
        proposals = [*spellings, *same_job, *self.without_a_word(), *another_job]
        searches = [all_of(proposal.conditions) for proposal in proposals]
        counts = sql.count_first(searches, sql.cap() + 1)
        counted = [replace(p, count=n) for p, n in zip(proposals, counts, strict=True)]
        first, rest = counted[: len(spellings)], counted[len(spellings) :]
        self.spellings = [proposal for proposal in first if proposal.count]
        self.others = [proposal for proposal in rest if proposal.count]
        # The first that fills the short list, or the fullest.
        self.same_job = max(
            (one for one in rest[: len(same_job)] if one.count),
            key=lambda one: min(one.count, NEAREST),
            default=None,
        )

    def others_than(self, name: str) -> list[Condition]:
        return [each for each in self.search.conditions if each.name != name]

    def worded(self, label: str, text: str) -> Proposal:
        """Propose the search with other words."""
        words = of_words(Words(text, trades=self.search.words.trades))
        criteria = self.criteria.changed(words=text)
        return Proposal(label, criteria, [*words, *self.others_than("q")])

    def without_one(self) -> Iterator[tuple[str, Proposal]]:
        """Return (name of the condition, search without it)."""
        for name in (condition.name for condition in self.search.conditions):
            if rest := self.others_than(name):
                without = self.criteria.without(name)
                if name == "q" and self.criteria.adds_trades:
                    # They are of the words.
                    without = without.without("rome")
                yield name, Proposal(self.label_of(name), without, rest)

    def without_a_word(self) -> Iterator[Proposal]:
        """Return the searches without a word, those of the job last."""
        words = self.criteria.words.split()
        if 1 < len(words) <= MOST_WORDS and not self.criteria.adds_trades:
            names = [name for name in find_names(words) if name.is_label]
            name = max(names, key=lambda name: (name.stems, -name.first), default=None)
            job = range(name.first, name.last) if name else ()
            for i, word in sorted(enumerate(words), key=lambda one: one[0] in job):
                text = " ".join([*words[:i], *words[i + 1 :]])
                yield self.worded(f"Sans le mot {quoted(word)}", text)

    def farther(self) -> Iterator[Proposal]:
        if not self.search.centres:
            return
        radii = [radius for radius in FARTHER_KM if radius > self.criteria.radius]
        for radius in radii[:MOST_FARTHER]:
            circle = of_places(self.search.areas, radius)
            label, wider = f"À {radius}{FIXED}km", self.criteria.changed(radius=radius)
            yield Proposal(label, wider, [*self.others_than("lieu"), *circle])

    def label_of(self, name: str) -> str:
        criteria = self.criteria
        if name == "q":
            return f"Sans {quoted(criteria.words)}"
        if name == "lieu":
            return f"Sans le lieu {' ou '.join(map(str, self.search.areas))}"
        if name == "rome":
            return f"Sans le métier {' ou '.join(criteria.trades)}"
        if name == "depuis":
            return f"Sans le filtre {PERIODS[str(criteria.days)].lower()}"
        if name in UNNAMED:
            return UNNAMED[name]
        chosen = criteria.chosen.get(name, ())
        labels = [o.label for o in BY_NAME[name].options if o.value in chosen]
        return f"Sans le filtre {' ou '.join(labels)}"


def quoted(words: str) -> str:
    return f"«{FIXED}{words}{FIXED}»"


ACCOUNTS = 3
KEPT = dt.timedelta(days=30)
LONGEST = 80
# Stores a miss once an account; returns how many accounts had it. The row written here
# is not seen by the count beside it.
COUNTED = """
WITH added AS (
    INSERT INTO offers_miss (words_hash, account_hash) VALUES (%s, %s)
    ON CONFLICT DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM added) + count(*) FROM offers_miss WHERE words_hash = %s
"""


def hashed(kind: str, text: str) -> bytes:
    return salted_hmac(
        f"offers.search.results.{kind}", text, algorithm="sha256"
    ).digest()


def note_miss(criteria: Criteria, *, by: User) -> None:
    """Count words that found nothing; store them for three accounts."""
    words = plain(criteria.words)
    if not words or len(words) > LONGEST:
        return
    words_hash = hashed("words", words)
    account_hash = hashed("account", str(by.pk))
    [(accounts,)] = select(COUNTED, [words_hash, account_hash, words_hash])
    # The guard reads what was typed: a telephone number loses digits to departments.
    if accounts < ACCOUNTS or look(criteria.words) or look(criteria.typed):
        return
    today = timezone.localdate()
    MissedWord.objects.update_or_create(words=words, defaults={"on": today})
    Miss.objects.filter(words_hash=words_hash).delete()


def forget_misses() -> None:
    """Delete words and hashes of more than 30 days."""
    before = timezone.localdate() - KEPT
    MissedWord.objects.filter(on__lt=before).delete()
    Miss.objects.filter(on__lt=before).delete()


# One word with a figure in it, as all of France Travail's numbers are.
NUMBER = re.compile(r"(?=\D*\d)[!-~]{1,20}", re.ASCII)
# What is written before a number: « l’offre n° 188 VMCV », « #188VMCV ».
BEFORE_NUMBER = re.compile(
    r"\s*(?:(?:l['’]\s*)?(?:offres?|d['’]emploi|num[ée]ro|r[ée]f[ée]rence|r[ée]f\.?"
    r"|n\s*[°º]|no\b\.?|#)[\s:]*)+",
    re.IGNORECASE,
)

# Columns that a list shows or the act matrix needs.
SHOWN = (
    *("title", "company", "contract_label", "place_label", "salary_label"),
    *("weekly_hours", "full_time", "created_at", "posts", "posts_left", "state"),
    *("published", "preselection", "delegated", "few_candidates", "accessible_th"),
    *("description", "latitude", "longitude", "commune_code"),
    # Otherwise each row would query it, to mask its texts.
    "contacts",
)


@dataclass(frozen=True, slots=True)
class Hit:
    offer: Offer
    distance_km: float | None


class Search:
    """One search, evaluated lazily."""

    def __init__(
        self, criteria: Criteria, places: Mapping[str, Area] | None = None
    ) -> None:
        """``places`` by code, if already looked up."""
        self.criteria = criteria
        is_wider = criteria.adds_trades
        self.words = Words(criteria.words, trades=criteria.trades * is_wider)
        if places is None:
            places = areas_by_code(criteria.places)
            self.words = self.words.read()
        found = [places[code] for code in criteria.places if code in places]
        self.areas = list(dict.fromkeys(found))
        self.conditions = [
            *of_words(self.words),
            *of_places(self.areas, criteria.radius),
            *([] if is_wider else of_trades(criteria.trades)),
            *of_needs(criteria.conditions),
            *of_days(criteria.days),
        ]

    @property
    def has_words(self) -> bool:
        return not self.words.say_nothing

    @property
    def centres(self) -> list[Point]:
        return [area.point for area in self.areas if area.point]

    @property
    def sort(self) -> Sort:
        """Return the address's order, else relevance, else date."""
        wanted = self.criteria.sort
        if wanted == Sort.DISTANCE and self.centres:
            return wanted
        return Sort.RELEVANCE if wanted != Sort.DATE and self.has_words else Sort.DATE

    def matches(self) -> QuerySet[OfferSearch]:
        return OfferSearch.objects.filter(all_of(self.conditions)).order_by()

    @cached_property
    def order(self) -> sql.Order:
        return sql.order_of(self.sort, self.words, self.centres)

    @cached_property
    def found(self) -> sql.FirstPage:
        # Walks give the page of a longer list.
        walks = bool(self.words.trades) or not self.has_words
        for_count = walks and self.sort != Sort.DISTANCE
        page = self.criteria.page
        return sql.find(self.conditions, self.order, page, for_count=for_count)

    @property
    def count(self) -> int:
        return min(self.found.count, sql.cap())

    @property
    def is_capped(self) -> bool:
        return self.found.is_capped

    def page(self) -> ListPage:
        size = settings.SEARCH_PAGE_SIZE
        paginator = ListPaginator(range(min(self.count, LAST_PAGE * size)), size)
        page = cast(ListPage, paginator.get_page(self.criteria.page))
        # The last page ends at the cap.
        offset = (page.number - 1) * size
        size = min(size, self.count - offset)
        matches = sql.LongList(
            self.conditions, self.order, self.words, self.centres, self.found
        )
        page.object_list = hits(matches.page(offset, size))
        return page

    @cached_property
    def proposals(self) -> Proposals:
        return Proposals(self)

    @cached_property
    def nearest(self) -> list[Hit]:
        """Return a few offers that lack one condition, the nearest first."""
        way = self.proposals.same_job
        # Another spelling comes first.
        if self.proposals.spellings or not way:
            return []
        sort = Sort.DISTANCE if self.centres else self.sort
        order = sql.order_of(sort, self.words, self.centres)
        found = sql.find(way.conditions, order, page=1, for_count=False)
        matches = sql.LongList(way.conditions, order, self.words, self.centres, found)
        return hits(matches.page(0, NEAREST))


def hits(rows: Sequence[sql.Row]) -> list[Hit]:
    offers = open_offers([row.pk for row in rows])
    return [Hit(offers[pk], far) for pk, far in rows if pk in offers]


def open_offers(numbers: Iterable[str]) -> dict[str, Offer]:
    """Return by number the offers that a list shows, without those withdrawn since."""
    numbers = list(numbers)
    offers = Offer.objects.active().only(*SHOWN).in_bulk(numbers)
    return {number: offers[number] for number in numbers if number in offers}


def matches_of(searches: Sequence[Criteria]) -> list[QuerySet[OfferSearch]]:
    """Return each search's open offers, lazily."""
    places = areas_by_code(sorted({code for each in searches for code in each.places}))
    return [Search(each, places).matches() for each in searches]


def find_by_number(text: str) -> Offer | None:
    """Return the live offer of a number, typed with « n° » or spaces."""
    number = number_in(text)
    if not NUMBER.fullmatch(number):
        return None
    return Offer.objects.active().filter(pk__in={number, number.upper()}).first()


def number_in(text: str) -> str:
    """Return a number as offers have it: « n° 188 VMCV » is 188VMCV."""
    before = BEFORE_NUMBER.match(text)
    return "".join(text[before.end() if before else 0 :].split())


# About an hour by road.
NEAR_KM = 50
# Some may be full: the index does not say.
SPARE = 3
# If distance does not count.
NOWHERE = Value(0.0, output_field=FloatField())


def similar_offers(offer: Offer, limit: int = 3) -> list[Offer]:
    """Return offers of this trade or title, nearest first, with posts left."""
    found: dict[str, None] = {}
    wanted = limit + SPARE
    for circle in widening(offer):
        found |= dict.fromkeys(first_of(circle, wanted, [offer.pk, *found]))
        if len(found) >= limit:
            break
    closest = list(found)[:wanted]
    whole = Offer.objects.active().defer("description", "details", "skills_text")
    offers = whole.in_bulk(closest)
    known = [offers[reference] for reference in closest if reference in offers]
    return [one for one in known if one.posts_left != 0][:limit]


def first_of(
    circle: Sequence[QuerySet[OfferSearch]], limit: int, known: Sequence[str]
) -> list[str]:
    """Return the best of several searches, in one query."""
    parts = [
        rows.exclude(pk__in=known)
        .annotate(rank=Value(rank))
        .values_list("rank", "far", "created_at", "offer_id")[:limit]
        for rank, rows in enumerate(circle)
    ]
    found = parts[0].union(*parts[1:], all=True)
    ordered = sorted(
        found, key=lambda row: (row[0], row[1], -row[2].timestamp(), row[3])
    )
    return [reference for *_, reference in ordered]


def widening(offer: Offer) -> Iterator[list[QuerySet[OfferSearch]]]:
    """Yield same trade and words near, then in the region."""
    alike = [Words(offer.title).found_in(F("vector"))]
    if offer.rome_code:
        alike.insert(0, Q(rome_code=offer.rome_code))
    elif offer.rome_label:
        alike.append(Words(offer.rome_label).found_in(F("vector")))
    circles: list[tuple[Q, Expression]] = [(Q(department=offer.department), NOWHERE)]
    if offer.latitude is not None and offer.longitude is not None:
        point = (offer.latitude, offer.longitude)
        circles = [(around(point, NEAR_KM), distance_from(point))]
    if offer.region:
        circles.append((Q(region=offer.region), NOWHERE))
    for circle, far in circles:
        rows = OfferSearch.objects.annotate(far=far)
        yield [
            rows.filter(one, circle).order_by("far", "-created_at", "offer_id")
            for one in alike
        ]
