from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from django.urls import reverse

from offers.catalogue.formatting import FIXED, number
from offers.catalogue.models import Offer
from offers.reference.places import Area, homonyms, label_around, spell_out
from offers.reference.sectors import find_sectors
from offers.reference.skills import find_skills
from offers.reference.trades import find_appellations, find_trades
from offers.search.criteria import PERIODS, Criteria, Sort, WordsRule
from offers.search.facets import RARE, SIMPLE, Group, counted_filters, other_filters
from offers.search.filters import ALL_FILTERS, MORE_FILTERS, full_label
from offers.search.forms import (
    BOXES,
    LEFT,
    SECTOR_BOX,
    SKILL_BOX,
    Doubt,
    SentForm,
    job_shown,
)
from offers.search.map import map_url
from offers.search.misspelt_towns import typed_as
from offers.search.reading import lost_place_of
from offers.search.results import Search, find_by_number
from offers.search.snippets import Snippets
from offers.search.spelling import respellings, words_as_typed
from offers.search.way_back import WayBack

RADII = (0, 5, 10, 20, 30, 50, 100)
SORTS = {Sort.RELEVANCE: "Pertinence", Sort.DATE: "Date", Sort.DISTANCE: "Distance"}


MOST_NAMESAKES = 4


class Chip(NamedTuple):
    label: str
    url: str


class Respelled(NamedTuple):
    before: str
    after: str
    undo_url: str


class SortLink(NamedTuple):
    label: str
    url: str
    is_current: bool


class Chosen(NamedTuple):
    value: str
    label: str
    is_chosen: bool


class FormScreen:
    criteria: Criteria
    # The text of each box, then its error, by the name of the box.
    boxes: dict[str, str]
    # The text of the box of the job.
    job: str
    errors: dict[str, str]
    doubt: Doubt | None = None
    choices_kept: Sequence[tuple[str, str]] = ()
    # Whether results follow, even an empty list.
    is_answered = False

    @property
    def periods(self) -> list[Chosen]:
        days = str(self.criteria.days or "")
        return [
            Chosen(value, label, value == days)
            for value, label in [("", "Toutes les dates"), *PERIODS.items()]
        ]

    @property
    def radii(self) -> list[Chosen]:
        current = self.criteria.radius
        return [
            Chosen(str(km), f"{km} km" if km else "Cette commune", km == current)
            for km in sorted({*RADII, current})
        ]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Return the parameters that no box shows."""
        names = (
            *("lieu", "rome", "appellation", "competence", "secteur", "tri"),
            *("mots", "dit"),
        )
        values = self.criteria.parameters()
        words = self.criteria.words if self.criteria.typed else ""
        return [*((name, values.get(name, "")) for name in names), (LEFT, words)]


class SearchScreen(FormScreen):
    is_answered = True

    def __init__(self, search: Search) -> None:
        self.search = search
        self.criteria = search.criteria
        self.count = search.count
        self.page = search.page()
        criteria = self.criteria
        self.trades = find_trades(criteria.trades)
        self.appellations = find_appellations(criteria.appellations)
        self.skills = find_skills(criteria.skills)
        self.sectors = find_sectors(criteria.sectors)
        jobs = [*self.trades, *self.appellations]
        things: list[Sequence[Any]] = [search.areas, self.skills, self.sectors]
        self.boxes = {
            box.name: box.join(found) for box, found in zip(BOXES, things, strict=True)
        }
        self.job = criteria.typed or criteria.words or " ; ".join(map(str, jobs))
        self.errors = {box.name: "" for box in BOXES}

    @cached_property
    def way_back(self) -> WayBack:
        return WayBack(self.criteria.url, 0 if self.search.is_capped else self.count)

    @cached_property
    def back(self) -> str:
        """Return the query string of links that lead back here."""
        return f"?{self.way_back.query}"

    @cached_property
    def unread(self) -> list[str]:
        """Return the values not understood, unknown places included."""
        lost = [f"lieu = {code}" for code in self.search.lost_places]
        return [*self.criteria.unread, *lost]

    @property
    def ignores_words(self) -> bool:
        """Return whether no word is searchable: « de la »."""
        return bool(self.criteria.words) and not self.search.has_words

    @property
    def filters(self) -> list[Group]:
        return counted_filters(self.criteria, SIMPLE)

    @property
    def rare_counted(self) -> list[Group]:
        return counted_filters(self.criteria, RARE)

    @property
    def groups(self) -> list[Group]:
        return other_filters(self.criteria)

    @property
    def ticked(self) -> str:
        """Return a cache key of the filters: whoever ticks the same sees the same."""
        criteria, boxes = self.criteria, self.boxes
        texts = [boxes[SKILL_BOX.name], boxes[SECTOR_BOX.name]]
        return repr(
            [sorted(criteria.chosen.items()), criteria.days, criteria.pay, texts]
        )

    @cached_property
    def chips(self) -> list[Chip]:
        criteria = self.criteria
        chips = []
        if criteria.words and not criteria.adds_trades:
            chips.append(Chip(f"« {criteria.words} »", criteria.without("q").url))
        places = []
        for area in self.search.areas:
            rest = tuple(a.code for a in self.search.areas if a is not area)
            label = label_around(area, criteria.radius)
            url = criteria.changed(places=rest).url
            # Said in the address: without a parameter, the place by default is back.
            no_place = "" if rest else f"{'&' if '?' in url else '?'}lieu="
            places.append(Chip(label, f"{url}{no_place}"))
        trades = [
            Chip(str(trade), criteria.without("rome", trade.code).url)
            for trade in self.trades
        ]
        # Trades added to the words stand where these would.
        chips += [*trades, *places] if criteria.adds_trades else [*places, *trades]
        for job in self.appellations:
            chips.append(Chip(str(job), criteria.without("appellation", job.code).url))
        for each in ALL_FILTERS:
            for option in each.options:
                if criteria.is_chosen(each.name, option.value):
                    without = criteria.without(each.name, option.value)
                    chips.append(Chip(full_label(each, option), without.url))
        for skill in self.skills:
            without = criteria.without("competence", str(skill.code))
            chips.append(Chip(skill.label, without.url))
        for sector in self.sectors:
            without = criteria.without("secteur", sector.code)
            chips.append(Chip(sector.label, without.url))
        if criteria.pay:
            label = f"Au moins {number(criteria.pay)}{FIXED}€ par mois"
            chips.append(Chip(label, criteria.without("salaire").url))
        if criteria.days:
            label = PERIODS[str(criteria.days)]
            chips.append(Chip(label, criteria.without("depuis").url))
        return chips

    @cached_property
    def snippets(self) -> Snippets:
        reading = self.search.words.read().reading
        return Snippets(reading.anywhere if reading else "")

    @property
    def says_nothing(self) -> bool:
        """Return whether the typed words were only fillers."""
        return bool(self.criteria.typed) and not self.chips

    @cached_property
    def exact_url(self) -> str:
        """Return the search of the words as typed; empty if none was read."""
        if not self.criteria.typed:
            return ""
        return self.criteria.changed(rule=WordsRule.EXACT).url

    @property
    def is_exact(self) -> bool:
        return self.search.has_words and self.criteria.rule == WordsRule.EXACT

    @property
    def read_url(self) -> str:
        """Return the search whose words are read."""
        return self.criteria.changed(rule=None).url

    @cached_property
    def respelled(self) -> list[Respelled]:
        """Return the corrected words, each with the search without that."""
        words, typed = self.criteria.words, self.criteria.typed
        if not typed:
            return []
        pairs = respellings(words, typed)
        undone = words_as_typed(words, typed, pairs)
        undo = self.criteria.changed(words=undone, trades=())
        towns = [
            Respelled(before, area.name, self.exact_url)
            for area in self.search.areas
            if (before := typed_as(area, typed))
        ]
        return [*(Respelled(*pair, undo.url) for pair in pairs), *towns]

    @cached_property
    def lost_place(self) -> str:
        """Return the typed place that does not exist."""
        if any(map(self.is_typed, self.search.areas)):
            return ""
        return lost_place_of(self.criteria)

    def is_typed(self, area: Area) -> bool:
        return spell_out(area.name) in spell_out(self.criteria.typed)

    @cached_property
    def namesakes(self) -> list[Chip]:
        """Return other places named as the one that words said."""
        areas = self.search.areas
        if not self.criteria.typed or len(areas) != 1:
            return []
        if not self.is_typed(areas[0]):
            return []
        return [
            Chip(str(area), self.criteria.changed(places=(area.code,)).url)
            for area in homonyms(areas[0])[:MOST_NAMESAKES]
        ]

    @property
    def save_url(self) -> str:
        query = self.criteria.with_page(1).query_string
        return f"{reverse('saved_search_add')}?{query}"

    @cached_property
    def map_url(self) -> str:
        """Return the address of the map; empty if it would say nothing."""
        return map_url(self.search)

    @property
    def filters_url(self) -> str:
        return f"{reverse('search_filters')}?{self.criteria.query_string}"

    @property
    def export_url(self) -> str:
        query = self.criteria.with_page(1).query_string
        return f"{reverse('search_export')}{'?' if query else ''}{query}"

    @cached_property
    def other_filters(self) -> int:
        """Count the filters besides words, place and trade."""
        criteria = self.criteria
        codes = len(criteria.skills) + len(criteria.sectors)
        values = bool(criteria.days) + bool(criteria.pay)
        return sum(map(len, criteria.chosen.values())) + codes + values

    @cached_property
    def rare_filters(self) -> int:
        criteria = self.criteria
        names = [*RARE, *(each.name for each in MORE_FILTERS)]
        chosen = sum(len(criteria.chosen.get(name, ())) for name in names)
        codes = len(criteria.skills) + len(criteria.sectors)
        return chosen + codes + bool(criteria.pay)

    @cached_property
    def sorts(self) -> list[SortLink]:
        fitting = [Sort.DATE]
        if self.search.has_words:
            fitting.insert(0, Sort.RELEVANCE)
        if self.search.centres:
            fitting.append(Sort.DISTANCE)
        current, changed = self.search.sort, self.criteria.changed
        return [
            SortLink(SORTS[sort], changed(sort=sort).url, sort == current)
            for sort in fitting
        ]

    @cached_property
    def direct_hit(self) -> Offer | None:
        return find_by_number(self.criteria.words)

    @cached_property
    def order_note(self) -> str:
        if self.search.sort != Sort.RELEVANCE:
            return ""
        return (
            "D’abord les offres qui ont ces mots dans leur intitulé, puis celles du "
            "métier, puis celles qui les ont ailleurs ; les plus récentes en tête."
        )


class DoubtScreen(FormScreen):
    """The form with a question or an error, no results."""

    def __init__(self, sent: SentForm) -> None:
        self.criteria = sent.criteria
        self.boxes = {box.name: sent.text(box) for box in BOXES}
        self.job = job_shown(sent.criteria)
        self.errors = {box.name: sent.errors.get(box.name, "") for box in BOXES}
        self.doubt = sent.doubt
        # The form has no choice boxes until there are results.
        values = self.criteria.parameters()
        names = [*(each.name for each in ALL_FILTERS), "salaire", "depuis"]
        self.choices_kept = [(name, values[name]) for name in names if name in values]

    @property
    def shows_rare_boxes(self) -> bool:
        """Return whether the hidden boxes have words to correct."""
        return any(self.boxes[box.name] for box in (SKILL_BOX, SECTOR_BOX))
