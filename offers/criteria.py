"""What an adviser asks of the offers, as it stands in the address of the page.

Every filter lives in the query string, so that a search can be kept, sent and gone
back to (U1). Nothing here fails on a value: what cannot be read is left out, and told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse

from offers.models import Mode
from offers.payload import CONTRACTS, NATURES
from offers.places import COMMUNE_CODE, DEPARTMENT_CODE

LONGEST_QUESTION = 200
MOST_PLACES = 20
MOST_TRADES = 20
# Half the way round the Earth: no radius is larger.
LARGEST_RADIUS = 20_015
# Nobody reads so far: a deeper page would sort everything for one mistyped number.
LAST_PAGE = 500

REGION_CODE = re.compile(r"r\d{2}", re.ASCII)
ROME_CODE = re.compile(r"[A-N]\d{4}", re.ASCII)
WHOLE_NUMBER = re.compile(r"\d{1,5}", re.ASCII)
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]+")


class Sort(StrEnum):
    """The orders of the list."""

    RELEVANCE = "pertinence"
    DATE = "date"
    DISTANCE = "distance"


class Option(NamedTuple):
    """One choice of a filter: in the address, on the screen, in the table."""

    value: str
    label: str
    stored: Any


class Filter(NamedTuple):
    """A filter by choices; several choices of one filter are ORed."""

    name: str
    column: str
    legend: str
    options: tuple[Option, ...]

    def option(self, value: str) -> Option | None:
        return next((o for o in self.options if o.value == value), None)


def by_code(labels: Mapping[str, str]) -> tuple[Option, ...]:
    return tuple(Option(code, label, code) for code, label in labels.items())


FILTERS = (
    Filter("contrat", "contract", "Contrat", by_code(CONTRACTS)),
    Filter(
        "mode",
        "mode",
        "Présélection",
        (
            Option("sans", "Sans présélection", Mode.DIRECT.value),
            Option("deleguee", "Présélection déléguée", Mode.DELEGATED.value),
            Option(
                "preselection", "Présélection France Travail", Mode.PRESELECTED.value
            ),
        ),
    ),
    Filter(
        "publiee",
        "published",
        "Publication",
        (
            Option("non", "Non publiée ailleurs", False),
            Option("oui", "Publiée ailleurs", True),
        ),
    ),
    Filter(
        "temps",
        "full_time",
        "Temps de travail",
        (
            Option("plein", "Temps plein", True),
            Option("partiel", "Temps partiel", False),
        ),
    ),
    Filter(
        "experience",
        "experience",
        "Expérience",
        (
            Option("D", "Débutant accepté", "D"),
            Option("S", "Expérience souhaitée", "S"),
            Option("E", "Expérience exigée", "E"),
        ),
    ),
    Filter(
        "th",
        "accessible_th",
        "Accessibilité",
        (Option("oui", "Accessible aux travailleurs handicapés", True),),
    ),
    Filter("nature", "nature", "Nature du contrat", by_code(NATURES)),
)
BY_NAME = {each.name: each for each in FILTERS}

PERIODS = {
    "1": "Moins de 24 heures",
    "3": "Moins de 3 jours",
    "7": "Moins d’une semaine",
    "14": "Moins de deux semaines",
    "31": "Moins d’un mois",
}


@dataclass(frozen=True, slots=True)
class Criteria:
    """One search. ``unread`` holds what the address had and no filter understands."""

    words: str = ""
    places: tuple[str, ...] = ()
    radius: int = settings.SEARCH_DEFAULT_RADIUS_KM
    trades: tuple[str, ...] = ()
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    days: int | None = None
    sort: Sort | None = None
    page: int = 1
    unread: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        """The search that a query string asks for."""
        reader = Reader(query)
        return cls(
            words=reader.words(),
            places=reader.places(),
            radius=reader.radius(),
            trades=reader.codes("rome", ROME_CODE, MOST_TRADES),
            chosen=reader.chosen(),
            days=reader.days(),
            sort=reader.sort(),
            page=reader.page(),
            unread=tuple(reader.unread),
        )

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The search that a query string kept as text asks for."""
        return cls.from_query(QueryDict(text[:2_000]))

    def parameters(self) -> dict[str, str]:
        """Itself as a query string, in one order and without what goes unsaid."""
        default = settings.SEARCH_DEFAULT_RADIUS_KM
        pairs = {
            "q": self.words,
            "lieu": ",".join(self.places),
            "rayon": str(self.radius) if self.radius != default else "",
            "rome": ",".join(self.trades),
            **{each.name: ",".join(self.chosen.get(each.name, ())) for each in FILTERS},
            "depuis": str(self.days) if self.days else "",
            "tri": self.sort or "",
            "page": str(self.page) if self.page > 1 else "",
        }
        return {name: value for name, value in pairs.items() if value}

    @property
    def query_string(self) -> str:
        return urlencode(self.parameters(), safe=",")

    @property
    def url(self) -> str:
        """The address of its page of results."""
        query = self.query_string
        return f"{reverse('offers')}?{query}" if query else reverse("offers")

    @property
    def is_empty(self) -> bool:
        """Whether it asks for every offer there is."""
        return not (
            self.words or self.places or self.trades or self.chosen or self.days
        )

    def changed(self, **changes: Any) -> Self:
        """Another search, from its first page."""
        fresh: dict[str, Any] = {"page": 1, "unread": (), **changes}
        return replace(self, **fresh)

    def without(self, name: str, value: str = "") -> Self:
        """The same search without one filter, or without one choice of it."""
        if name in BY_NAME:
            kept = tuple(v for v in self.chosen[name] if value and v != value)
            chosen = {**self.chosen, name: kept}
            return self.changed(chosen={k: v for k, v in chosen.items() if v})
        if name == "lieu":
            places = tuple(code for code in self.places if code != value)
            return self.changed(places=places)
        if name == "rome":
            trades = tuple(code for code in self.trades if code != value)
            return self.changed(trades=trades)
        if name == "depuis":
            return self.changed(days=None)
        return self.changed(words="")

    def with_page(self, page: int) -> Self:
        return replace(self, page=page)


class Reader:
    """Reads a query string value by value, and notes what it cannot read."""

    def __init__(self, query: QueryDict) -> None:
        self.query = query
        self.unread: list[str] = []

    def values(self, name: str) -> list[str]:
        """The values of a parameter, repeated or separated by commas, each once."""
        parts = (
            UNPRINTABLE.sub("", part).strip()
            for value in self.query.getlist(name)
            for part in value.split(",")
        )
        return list(dict.fromkeys(part for part in parts if part))

    def leave(self, name: str, value: str) -> None:
        self.unread.append(f"{name} = {value[:40]}")

    def words(self) -> str:
        text = UNPRINTABLE.sub(" ", self.query.get("q", ""))
        return " ".join(text.split())[:LONGEST_QUESTION].strip()

    def codes(self, name: str, shape: re.Pattern[str], most: int) -> tuple[str, ...]:
        codes: list[str] = []
        for value in self.values(name):
            if shape.fullmatch(value.upper()) and len(codes) < most:
                codes.append(value.upper())
            else:
                self.leave(name, value)
        return tuple(codes)

    def places(self) -> tuple[str, ...]:
        codes: list[str] = []
        for value in self.values("lieu"):
            if len(codes) == MOST_PLACES:
                self.leave("lieu", value)
            elif REGION_CODE.fullmatch(value.lower()):
                codes.append(value.lower())
            elif COMMUNE_CODE.fullmatch(value.upper()) or DEPARTMENT_CODE.fullmatch(
                value.upper()
            ):
                codes.append(value.upper())
            else:
                self.leave("lieu", value)
        return tuple(codes)

    def chosen(self) -> dict[str, tuple[str, ...]]:
        chosen = {}
        for each in FILTERS:
            values = self.values(each.name)
            known = {value for value in values if each.option(value)}
            for value in values:
                if value not in known:
                    self.leave(each.name, value)
            if known:
                # In the order of the screen: one search has one address.
                chosen[each.name] = tuple(
                    option.value for option in each.options if option.value in known
                )
        return chosen

    def number(self, name: str) -> int | None:
        """A whole number, None where there is none; the last of several counts."""
        values = self.values(name)
        for value in values[:-1]:
            self.leave(name, value)
        if not values:
            return None
        if not WHOLE_NUMBER.fullmatch(values[-1]):
            self.leave(name, values[-1])
            return None
        return int(values[-1])

    def radius(self) -> int:
        radius = self.number("rayon")
        if radius is None:
            return settings.SEARCH_DEFAULT_RADIUS_KM
        return min(radius, LARGEST_RADIUS)

    def days(self) -> int | None:
        """The longest of the periods asked for."""
        periods = [value for value in self.values("depuis") if value in PERIODS]
        for value in self.values("depuis"):
            if value not in PERIODS:
                self.leave("depuis", value)
        return max(map(int, periods), default=None)

    def sort(self) -> Sort | None:
        values = self.values("tri")
        for value in values:
            if value in Sort:
                return Sort(value)
            self.leave("tri", value)
        return None

    def page(self) -> int:
        """From 1 on; a page is no filter, so an odd one is merely the first."""
        value = self.query.get("page", "")
        page = int(value) if WHOLE_NUMBER.fullmatch(value) else 1
        return min(max(page, 1), LAST_PAGE)
