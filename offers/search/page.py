"""What the page of results shows: chips, filters with counts, snippets, links."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import Any, NamedTuple
from unicodedata import normalize
from urllib.parse import unquote, urlencode, urlsplit

from django.http import HttpRequest
from django.urls import resolve, reverse
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString, mark_safe

from accounts.signin.access import is_our_path
from offers.catalogue.formatting import count_of
from offers.catalogue.models import Offer
from offers.payload.text import REFERENCE
from offers.reference.places import Area, homonyms, label_around, spell_out
from offers.reference.trades import find_sectors
from offers.search import forms
from offers.search.conditions import all_of, of_needs
from offers.search.criteria import (
    ALL_FILTERS,
    BY_NAME,
    FILTERS,
    PERIODS,
    WHOLE_NUMBER,
    Criteria,
    Filter,
    Labels,
    Option,
    Sort,
    WordsRule,
)
from offers.search.map import map_url
from offers.search.places import typed_as
from offers.search.reading import lost_place_of
from offers.search.results import Search, find_by_number
from offers.search.sql import cap, count_first
from offers.search.words import respellings, words_as_typed

PARAMETER = "offre"
# An address has no more numbers than that.
MOST_CARRIED = 100


def numbers_in(data: Any) -> list[str]:
    """Return the distinct valid offer numbers."""
    values = data.getlist(PARAMETER) if isinstance(data, MultiValueDict) else ()
    return list(dict.fromkeys(filter(REFERENCE.fullmatch, values)))


def carried(data: Any) -> list[str]:
    return numbers_in(data)[:MOST_CARRIED]


def with_ticks(url: str, numbers: Iterable[str]) -> str:
    query = urlencode([(PARAMETER, number) for number in numbers])
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


# As long as a saved search's query, with its path.
LONGEST_PATH = 2_100
# The pages of results.
PAGES = ("offers", "person_search")


@dataclass(frozen=True, slots=True)
class WayBack:
    """The address of results; empty if one does not come from any."""

    path: str = ""
    count: int = 0

    def __bool__(self) -> bool:
        return bool(self.path)

    @property
    def url(self) -> str:
        return self.path or reverse("offers")

    @property
    def query(self) -> str:
        """Return the parameters of the addresses that lead back."""
        pairs = {"retour": self.path, "sur": str(self.count or "")}
        return urlencode({name: value for name, value in pairs.items() if value})

    def added_to(self, address: str) -> str:
        """Return that address of ours, which leads back."""
        if not self.path:
            return address
        return f"{address}{'&' if '?' in address else '?'}{self.query}"

    @property
    def label(self) -> str:
        if not self.path:
            return "Toutes les offres"
        if self.count < 2:
            return "Retour aux résultats"
        return f"Retour aux {count_of(self.count, 'offre')}"

    @property
    def person(self) -> str:
        """Return the number of the person searched for, or ""."""
        if not self.path:
            return ""
        found = resolve(unquote(urlsplit(self.path).path))
        return str(found.kwargs.get("pk", ""))


NOWHERE = WayBack()


def way_back_of(request: HttpRequest) -> WayBack:
    """Return where this page was opened from; a forged address is none."""
    return checked(request, request.GET.get("retour", ""), request.GET.get("sur", ""))


def checked(request: HttpRequest, path: str, count: str = "") -> WayBack:
    """Return the way to that path if it is a page of results."""
    if len(path) > LONGEST_PATH or not is_our_path(request, path):
        return NOWHERE
    parts = urlsplit(path)
    if resolve(unquote(parts.path)).url_name not in PAGES:
        return NOWHERE
    here = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return WayBack(here, int(count) if WHOLE_NUMBER.fullmatch(count) else 0)


LEXEME = re.compile(r"'((?:[^']|'')+)'")
SPACE = re.compile(r"\s")
# Read of a text, in signs; given of it; given before the first word found. A row shows
# forty of them beside the company, and the word must be among these.
MOST_READ = 20_000
LONGEST_SNIPPET = 220
BEFORE = 20
IN_SIGHT = 40
CUT = "… "
# « … : nous créons » begins with what ended.
ENDS = " :;,.!?)»-"


def fold(sign: str) -> str:
    """Return the plain small letter or digit of a sign, else a space."""
    plain = normalize("NFD", sign)[0].lower()
    return plain if plain.isascii() and (plain.isalnum() or plain == "_") else " "


FOLDED = "".join(map(fold, map(chr, range(256)))).encode()


def folded(text: str) -> bytes:
    """Return a byte for each sign, so that a place in it is one of the text.

    In bytes, since a page folds twenty long texts: signs take twenty times as long.
    """
    return text.encode("latin-1", "replace").translate(FOLDED)


class Snippets:
    """The words of one search, as they begin in texts: their stems."""

    def __init__(self, question: str) -> None:
        """``question``: a tsquery, as PostgreSQL writes it."""
        found = {one.replace("''", "'") for one in LEXEME.findall(question)}
        stems = [stem for stem in map(folded, found) if stem.strip()]
        self.begins = [b" " + stem for stem in stems]
        longest_first = sorted(map(re.escape, stems), key=len, reverse=True)
        words = rb"\b(?:%s)\w*" % b"|".join(longest_first)
        self.words = re.compile(words) if stems else None

    def of(self, text: str) -> SafeString:
        """Return one line around the first word found, else the beginning."""
        text = text[:MOST_READ]
        signs, start = b" " + folded(text), 0
        found = (signs.find(begin) for begin in self.begins)
        # The first of the words, -1 without one.
        first = min((at for at in found if at >= 0), default=-1)
        if first > IN_SIGHT - BEFORE:
            space = SPACE.search(text, first - BEFORE, first)
            start = space.end() if space else first
        line = " ".join(text[start : start + 2 * LONGEST_SNIPPET].split())[
            :LONGEST_SNIPPET
        ]
        line = line.lstrip(ENDS) if start else line
        before = CUT if start else ""
        return mark_safe(before + "".join(self.marked(line)))  # noqa: S308 - escaped

    def marked(self, line: str) -> Iterator[str]:
        at = 0
        for found in self.words.finditer(folded(line)) if self.words else ():
            yield escape(line[at : found.start()])
            yield f"<mark>{escape(line[found.start() : found.end()])}</mark>"
            at = found.end()
        yield escape(line[at:])


# The filters that the simple search leaves out, as the page groups them: « Tous les
# filtres ». The first two have counts.
RARE = ("th", "nature")
COUNTED = tuple(each.name for each in FILTERS)
SIMPLE = tuple(name for name in COUNTED if name not in RARE)
GROUPS = (
    ("Horaires", ("horaire",)),
    ("Heures par semaine", ("heures",)),
    ("Durée du contrat", ("duree",)),
    ("Contrats particuliers", ("alternance", "aide")),
    ("Permis", ("permis",)),
    ("Formation demandée", ("formation",)),
    ("Qualification", ("qualification",)),
    ("Employeur", ("adaptee", "handi")),
    ("Offre", ("peu", "origine")),
)
# A group of more choices folds.
MOST_IN_SIGHT = 4


@dataclass(frozen=True, slots=True)
class Choice:
    filter: Filter
    option: Option
    is_chosen: bool
    # One more than the cap if there are more; None: not counted.
    count: int | None = None

    @property
    def is_capped(self) -> bool:
        return self.count is not None and self.count > cap()

    @property
    def shown_count(self) -> int:
        return min(self.count or 0, cap())

    @property
    def is_idle(self) -> bool:
        return self.count == 0 and not self.is_chosen


class Group(NamedTuple):
    legend: str
    choices: Sequence[Choice]

    @property
    def name(self) -> str:
        return self.choices[0].filter.name

    @property
    def chosen(self) -> int:
        return sum(choice.is_chosen for choice in self.choices)

    @property
    def is_long(self) -> bool:
        return len(self.choices) > MOST_IN_SIGHT

    @property
    def shown(self) -> list[Choice]:
        """Return the first choices, and those that would leave something."""
        few, rest = self.choices[:MOST_IN_SIGHT], self.choices[MOST_IN_SIGHT:]
        return [*few, *(choice for choice in rest if not choice.is_idle)]

    @property
    def folded(self) -> list[Choice]:
        return [choice for choice in self.choices[MOST_IN_SIGHT:] if choice.is_idle]


def plain_group(criteria: Criteria, legend: str, filters: Sequence[Filter]) -> Group:
    choices = [
        Choice(each, option, criteria.is_chosen(each.name, option.value))
        for each in filters
        for option in each.options
    ]
    return Group(legend, choices)


def counted_filters(
    criteria: Criteria, names: Collection[str] = COUNTED
) -> list[Group]:
    """Return filters that have counts, not counted yet."""
    return [
        plain_group(criteria, each.legend, [each])
        for each in FILTERS
        if each.name in names
    ]


def count_choices(search: Search, groups: Sequence[Group]) -> list[Group]:
    """Count each choice under all other filters, in one statement."""
    searches = []
    for choice in (one for group in groups for one in group.choices):
        name = choice.filter.name
        others = [each for each in search.conditions if each.name != name]
        rows = {name: choice.filter.rows([choice.option.value])}
        searches.append(all_of([*others, *of_needs(rows)]))
    counts = iter(count_first(searches, cap() + 1))
    return [
        Group(legend, [replace(choice, count=next(counts)) for choice in choices])
        for legend, choices in groups
    ]


RADII = (0, 5, 10, 20, 30, 50, 100)
SORTS = {Sort.RELEVANCE: "Pertinence", Sort.DATE: "Date", Sort.DISTANCE: "Distance"}


MOST_NAMESAKES = 4


class Chip(NamedTuple):
    label: str
    url: str


class FormScreen:
    criteria: Criteria
    # The text of each box, then its error, by the name of the box.
    boxes: dict[str, str]
    # The text of the box of the job.
    job: str
    errors: dict[str, str]
    doubt: forms.Doubt | None = None
    choices_kept: Sequence[tuple[str, str]] = ()
    # Whether results follow, even an empty list.
    is_answered = False

    @property
    def periods(self) -> list[tuple[str, str, bool]]:
        """Return (value, label, whether it is chosen)."""
        days = str(self.criteria.days or "")
        return [
            (value, label, value == days)
            for value, label in [("", "Toutes les dates"), *PERIODS.items()]
        ]

    @property
    def radii(self) -> list[tuple[int, str, bool]]:
        """Return (value, label, whether it is chosen)."""
        current = self.criteria.radius
        return [
            (km, f"{km} km" if km else "Cette commune", km == current)
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
        return [*((name, values.get(name, "")) for name in names), (forms.LEFT, words)]


class SearchScreen(FormScreen):
    is_answered = True

    def __init__(self, search: Search) -> None:
        self.search = search
        self.criteria = search.criteria
        self.count = search.count
        self.page = search.page()
        self.labels = Labels([search.criteria])
        known = self.labels.known
        sectors = find_sectors(search.criteria.sectors)
        things = [search.areas, known["competence"].values(), sectors]
        self.boxes = {
            box.name: box.join(found)
            for box, found in zip(forms.BOXES, things, strict=True)
        }
        jobs = [*known["rome"].values(), *known["appellation"].values()]
        self.job = forms.job_shown(search.criteria, jobs)
        self.errors = {box.name: "" for box in forms.BOXES}

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
        return self.labels.unread(self.criteria)

    @property
    def filters(self) -> list[Group]:
        return counted_filters(self.criteria, SIMPLE)

    @property
    def rare_counted(self) -> list[Group]:
        return counted_filters(self.criteria, RARE)

    @property
    def groups(self) -> list[Group]:
        return [
            plain_group(self.criteria, legend, [BY_NAME[name] for name in names])
            for legend, names in GROUPS
        ]

    @property
    def ticked(self) -> str:
        """Return a cache key of the filters: whoever ticks the same sees the same."""
        criteria, boxes = self.criteria, self.boxes
        texts = [boxes[forms.SKILL_BOX.name], boxes[forms.SECTOR_BOX.name]]
        return repr(
            [sorted(criteria.chosen.items()), criteria.days, criteria.pay, texts]
        )

    @cached_property
    def chips(self) -> list[Chip]:
        criteria = self.criteria
        chips = []
        for name, value, label in self.labels.labels(criteria):
            if name == "rome":
                label = f"{label} ({value})"
            if name != "lieu":
                chips.append((name, Chip(label, criteria.without(name, value).url)))
        for area in self.search.areas:
            rest = tuple(a.code for a in self.search.areas if a is not area)
            url = criteria.changed(places=rest).url
            # Said in the address: without a parameter, the place by default is back.
            no_place = "" if rest else f"{'&' if '?' in url else '?'}lieu="
            label = label_around(area, criteria.radius)
            chips.append(("lieu", Chip(label, f"{url}{no_place}")))
        # Trades added to the words stand where these would.
        order = ["q", "lieu", "rome"]
        if criteria.adds_trades:
            order = ["rome", "lieu"]
            chips = [(name, chip) for name, chip in chips if name != "q"]
        chips.sort(key=lambda one: [name != one[0] for name in order])
        return [chip for _, chip in chips]

    @cached_property
    def snippets(self) -> Snippets:
        reading = self.search.words.read().reading
        return Snippets(reading.anywhere if reading else "")

    @cached_property
    def exact_url(self) -> str:
        """Return the search of the words as typed; empty if none was read."""
        if not self.criteria.typed:
            return ""
        return self.criteria.changed(rule=WordsRule.EXACT).url

    @property
    def read_url(self) -> str:
        return self.criteria.changed(rule=None).url

    @cached_property
    def respelled(self) -> list[tuple[str, str, str]]:
        """Return (typed word, corrected word, the search without that)."""
        words, typed = self.criteria.words, self.criteria.typed
        if not typed:
            return []
        pairs = respellings(words, typed)
        undone = words_as_typed(words, typed, pairs)
        undo = self.criteria.changed(words=undone, trades=())
        towns = [
            (before, area.name, self.exact_url)
            for area in self.search.areas
            if (before := typed_as(area, typed))
        ]
        return [*((*pair, undo.url) for pair in pairs), *towns]

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
    def export_url(self) -> str:
        query = self.criteria.with_page(1).query_string
        return f"{reverse('search_export')}{'?' if query else ''}{query}"

    @cached_property
    def other_filters(self) -> int:
        """Count the filters besides words, place and trade."""
        chosen = self.criteria.chosen
        simple = sum(len(chosen.get(name, ())) for name in SIMPLE)
        return self.rare_filters + simple + bool(self.criteria.days)

    @cached_property
    def rare_filters(self) -> int:
        criteria = self.criteria
        rare = (criteria.chosen[name] for name in criteria.chosen if name not in SIMPLE)
        chosen = sum(map(len, rare))
        codes = len(criteria.skills) + len(criteria.sectors)
        return chosen + codes + bool(criteria.pay)

    @cached_property
    def sorts(self) -> list[tuple[str, str, bool]]:
        """Return (label, address, whether it is current)."""
        fitting = [Sort.DATE]
        if self.search.has_words:
            fitting.insert(0, Sort.RELEVANCE)
        if self.search.centres:
            fitting.append(Sort.DISTANCE)
        current, changed = self.search.sort, self.criteria.changed
        return [
            (SORTS[sort], changed(sort=sort).url, sort == current) for sort in fitting
        ]

    @cached_property
    def direct_hit(self) -> Offer | None:
        return find_by_number(self.criteria.words)


class DoubtScreen(FormScreen):
    """The form with a question or an error, no results."""

    def __init__(self, sent: forms.SentForm) -> None:
        self.criteria = sent.criteria
        self.boxes = {box.name: sent.text(box) for box in forms.BOXES}
        self.job = forms.job_shown(sent.criteria, forms.jobs_of(sent.criteria))
        self.errors = {box.name: sent.errors.get(box.name, "") for box in forms.BOXES}
        self.doubt = sent.doubt
        # The form has no choice boxes until there are results.
        values = self.criteria.parameters()
        names = [*(each.name for each in ALL_FILTERS), "salaire", "depuis"]
        self.choices_kept = [(name, values[name]) for name in names if name in values]
