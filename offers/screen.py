"""What the page of results shows around the list: boxes, filters in force, orders."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from offers.criteria import PERIODS, Criteria, Sort
from offers.filters import FILTERS
from offers.forms import PLACE_BOX, TRADE_BOX, Doubt, SentForm, join
from offers.models import Offer
from offers.places import Area, Kind
from offers.search import Facet, Search
from offers.search.rescue import WaysOut
from offers.trades import find_trades

RADII = (0, 5, 10, 20, 30, 50, 100)
SORTS = {
    Sort.RELEVANCE: "Pertinence",
    Sort.DATE: "Date",
    Sort.DISTANCE: "Distance",
}


class Chip(NamedTuple):
    """A filter in force, and the address of the same search without it."""

    label: str
    url: str


class SortLink(NamedTuple):
    """An order of the list, and its address."""

    label: str
    url: str
    is_current: bool


class Chosen(NamedTuple):
    """A choice of a list box."""

    value: str
    label: str
    is_chosen: bool


class FormScreen:
    """The form, filled in."""

    criteria: Criteria
    place_box: str
    trade_box: str
    place_error = ""
    trade_error = ""
    doubt: Doubt | None = None
    choices_kept: Sequence[tuple[str, str]] = ()
    # Whether results follow, be they none.
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
            Chosen(str(radius), radius_label(radius), radius == current)
            for radius in sorted({*RADII, current})
        ]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the boxes do not show and the next search keeps all the same."""
        names = ("lieu", "rome", "tri")
        values = self.criteria.parameters()
        return [(name, values.get(name, "")) for name in names]


class SearchScreen(FormScreen):
    """One page of results."""

    is_answered = True

    def __init__(self, search: Search) -> None:
        self.search = search
        self.criteria = search.criteria
        self.count = search.count
        self.page = search.page()
        self.trades = find_trades(search.criteria.trades)
        self.place_box = join(search.areas, ", ")
        self.trade_box = join(self.trades, " ; ")

    @property
    def back(self) -> str:
        """What an offer's address carries, so that one comes back to this very list."""
        query = self.criteria.query_string
        return f"?{urlencode({'retour': query})}" if query else ""

    @property
    def unread(self) -> list[str]:
        """What the address asked and nothing understands, unknown places too."""
        lost = [f"lieu = {code}" for code in self.search.lost_places]
        return [*self.criteria.unread, *lost]

    @property
    def ignores_words(self) -> bool:
        """Whether words were typed that no search could use: « de la »."""
        return bool(self.criteria.words) and not self.search.has_words

    @property
    def facets(self) -> list[Facet]:
        return self.search.facets()

    @property
    def chips(self) -> list[Chip]:
        """Every filter in force, in the order of the form."""
        criteria = self.criteria
        chips = []
        if criteria.words:
            chips.append(Chip(f"« {criteria.words} »", criteria.without("q").url))
        for area in self.search.areas:
            chips.append(Chip(self.area_label(area), self.without_area(area).url))
        for trade in self.trades:
            chips.append(Chip(str(trade), criteria.without("rome", trade.code).url))
        for each in FILTERS:
            for option in each.options:
                if option.value in criteria.chosen.get(each.name, ()):
                    without = criteria.without(each.name, option.value)
                    chips.append(Chip(option.label, without.url))
        if criteria.days:
            label = PERIODS[str(criteria.days)]
            chips.append(Chip(label, criteria.without("depuis").url))
        return chips

    def without_area(self, area: Area) -> Criteria:
        """Without a place, under whatever code the address had it."""
        rest = tuple(a.code for a in self.search.areas if a is not area)
        return self.criteria.changed(places=rest)

    def area_label(self, area: Area) -> str:
        radius = self.criteria.radius
        if area.kind != Kind.COMMUNE or not (radius and area.point):
            return area.label
        return f"{area.label} à {radius} km"

    @property
    def save_url(self) -> str:
        """Where this search is kept under a name."""
        query = self.criteria.with_page(1).query_string
        return f"{reverse('saved_search_add')}?{query}"

    @property
    def export_url(self) -> str:
        """Where this result is made a file of."""
        query = self.criteria.with_page(1).query_string
        return f"{reverse('search_export')}{'?' if query else ''}{query}"

    @property
    def other_filters(self) -> int:
        """How many filters are in force beside words, place and trade."""
        return sum(map(len, self.criteria.chosen.values())) + bool(self.criteria.days)

    @property
    def sorts(self) -> list[SortLink]:
        """The orders that mean something for this search."""
        fitting = [Sort.DATE]
        if self.search.has_words:
            fitting.insert(0, Sort.RELEVANCE)
        if self.search.centres:
            fitting.append(Sort.DISTANCE)
        return [
            SortLink(
                SORTS[sort],
                self.criteria.changed(sort=sort).url,
                sort == self.search.sort,
            )
            for sort in fitting
        ]

    @property
    def ways_out(self) -> WaysOut:
        """What would find something, where this found nothing."""
        return self.search.ways_out

    @cached_property
    def direct_hit(self) -> Offer | None:
        return self.search.direct_hit()

    @property
    def is_capped(self) -> bool:
        """Whether there are more offers than are counted and listed."""
        return self.search.is_capped

    @property
    def order_note(self) -> str:
        """What the order by relevance is, in one sentence."""
        if self.search.sort != Sort.RELEVANCE:
            return ""
        return (
            "D’abord les offres qui ont ces mots dans leur intitulé, puis dans le "
            "métier ou l’entreprise, puis dans le texte ; "
            "les plus récentes en tête."
        )


class DoubtScreen(FormScreen):
    """The form come back with a question or an error instead of results."""

    def __init__(self, sent: SentForm) -> None:
        self.criteria = sent.criteria
        self.place_box = sent.box(PLACE_BOX)
        self.trade_box = sent.box(TRADE_BOX)
        self.place_error = sent.errors.get(PLACE_BOX, "")
        self.trade_error = sent.errors.get(TRADE_BOX, "")
        self.doubt = sent.doubt
        # The boxes of the choices wait for the results.
        values = self.criteria.parameters()
        names = [*(each.name for each in FILTERS), "depuis"]
        self.choices_kept = [(name, values[name]) for name in names if name in values]

    @property
    def has_errors(self) -> bool:
        return bool(self.place_error or self.trade_error)


def radius_label(radius: int) -> str:
    return f"{radius} km" if radius else "Cette commune"
