"""A search as in its address (U1), with unreadable values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse

from offers.reference.models import label_key
from offers.reference.places import COMMUNE_CODE, DEPARTMENT_CODE
from offers.search.filters import ALL_FILTERS, BY_NAME

LONGEST_QUESTION = 200
# Of one parameter.
MOST_CODES = 20
# Half the way round the Earth: no radius is larger.
LARGEST_RADIUS = 20_015
# Euros a month: no real offer pays more.
LARGEST_PAY = 50_000
# Nobody reads further: a deeper page would sort everything for one mistyped number.
LAST_PAGE = 500

PLACE_CODE = re.compile(
    rf"r\d{{2}}|{COMMUNE_CODE.pattern}|{DEPARTMENT_CODE.pattern}", re.ASCII
)
ROME_CODE = re.compile(r"[A-N]\d{4}", re.ASCII)
# The label of an appellation without accents and signs: « macon-maconne ».
APPELLATION = re.compile(r"[a-z0-9]{1,40}(-[a-z0-9]{1,40}){0,40}", re.ASCII)
SKILL_CODE = re.compile(r"[1-9]\d{0,8}", re.ASCII)
SECTOR_CODE = re.compile(r"\d\d", re.ASCII)
EUROS = re.compile(r"(\d{1,5})([.,]\d{1,2})?", re.ASCII)
WHOLE_NUMBER = re.compile(r"\d{1,5}", re.ASCII)
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]+")


class Sort(StrEnum):
    RELEVANCE = "pertinence"
    DATE = "date"
    DISTANCE = "distance"


class WordsRule(StrEnum):
    """How the words are searched; none: they are still to be read."""

    # Every word is required, and no trade is added.
    EXACT = "exacts"
    # Read: the trades of the address are added to the words.
    READ = "lus"


PERIODS = {
    "1": "Moins de 24 heures",
    "3": "Moins de 3 jours",
    "7": "Moins d’une semaine",
    "14": "Moins de deux semaines",
    "31": "Moins d’un mois",
}


# Parameters with several codes, and their fields here.
LISTS = {
    "lieu": "places",
    "rome": "trades",
    "appellation": "appellations",
    "competence": "skills",
    "secteur": "sectors",
}
# Parameters of one value, and the search without them.
NOTHING_ASKED: dict[str, dict[str, Any]] = {
    "q": {"words": "", "rule": None},
    "salaire": {"pay": None},
    "depuis": {"days": None},
}


@dataclass(frozen=True, slots=True)
class Criteria:
    """One search; ``unread`` has the values that no filter understands."""

    words: str = ""
    rule: WordsRule | None = None
    # What was typed and read, for the page to say.
    typed: str = ""
    places: tuple[str, ...] = ()
    radius: int = settings.SEARCH_DEFAULT_RADIUS_KM
    trades: tuple[str, ...] = ()
    appellations: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    # Least gross euros a month: offers of less, or without pay, are excluded.
    pay: int | None = None
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    days: int | None = None
    sort: Sort | None = None
    page: int = 1
    unread: tuple[str, ...] = ()
    # The address of these results, if not that of all offers: a person's search.
    own_path: str = ""

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        reader = Reader(query)
        words, typed = reader.words("q"), reader.words("dit")
        rule = reader.rule()
        return cls(
            words=words,
            rule=rule if words or typed else None,
            typed=typed,
            places=reader.codes("lieu", PLACE_CODE, spell_place),
            radius=reader.radius(),
            trades=reader.codes("rome", ROME_CODE),
            appellations=reader.codes("appellation", APPELLATION, str.lower),
            skills=reader.codes("competence", SKILL_CODE),
            sectors=reader.codes("secteur", SECTOR_CODE),
            pay=reader.pay(),
            chosen=reader.chosen(),
            days=reader.days(),
            sort=reader.sort(),
            page=reader.page(),
            unread=tuple(reader.unread),
        )

    @classmethod
    def from_text(cls, text: str) -> Self:
        return cls.from_query(QueryDict(text[:2_000]))

    def parameters(self) -> dict[str, str]:
        """Return the query string in a fixed order, without defaults."""
        default = settings.SEARCH_DEFAULT_RADIUS_KM
        chosen = {each.name: self.chosen.get(each.name, ()) for each in ALL_FILTERS}
        pairs = {
            "q": self.words,
            "mots": (self.rule or "") if self.words or self.typed else "",
            "lieu": ",".join(self.places),
            "rayon": str(self.radius) if self.radius != default else "",
            "rome": ",".join(self.trades),
            "appellation": ",".join(self.appellations),
            **{name: ",".join(values) for name, values in chosen.items()},
            "competence": ",".join(self.skills),
            "secteur": ",".join(self.sectors),
            "salaire": str(self.pay or ""),
            "depuis": str(self.days) if self.days else "",
            "dit": self.typed,
            "tri": self.sort or "",
            "page": str(self.page) if self.page > 1 else "",
        }
        return {name: value for name, value in pairs.items() if value}

    @property
    def query_string(self) -> str:
        return urlencode(self.parameters(), safe=",")

    @property
    def path(self) -> str:
        return self.own_path or reverse("offers")

    @property
    def url(self) -> str:
        # Without a parameter, a person's search begins with her place and trades.
        query = self.query_string or "lieu=" * bool(self.own_path)
        return f"{self.path}?{query}" if query else self.path

    @property
    def is_empty(self) -> bool:
        return self.parameters().keys() <= {"rayon", "dit", "tri", "page"}

    def changed(self, **changes: Any) -> Self:
        fresh: dict[str, Any] = {"page": 1, "unread": (), **changes}
        return replace(self, **fresh)

    def without(self, name: str, value: str = "") -> Self:
        """Return the search without a filter, or one choice."""
        if name in BY_NAME:
            kept = tuple(v for v in self.chosen[name] if value and v != value)
            chosen = {**self.chosen, name: kept}
            return self.changed(chosen={k: v for k, v in chosen.items() if v})
        if name in LISTS:
            codes = getattr(self, LISTS[name])
            kept = tuple(c for c in codes if value and c != value)
            return self.changed(**{LISTS[name]: kept})
        return self.changed(**NOTHING_ASKED[name])

    def is_chosen(self, name: str, value: str) -> bool:
        return value in self.chosen.get(name, ())

    @property
    def adds_trades(self) -> bool:
        """Return whether offers of the trades are found beside the words."""
        return bool(self.words and self.trades and self.rule != WordsRule.EXACT)

    @property
    def conditions(self) -> dict[str, Q]:
        """Return by parameter the conditions of the choices and the codes."""
        rows = {
            each.name: each.rows(self.chosen[each.name])
            for each in ALL_FILTERS
            if each.name in self.chosen
        }
        if self.appellations:
            keys = [label_key(name) for name in self.appellations]
            rows["appellation"] = Q(appellation__in=keys)
        if self.skills:
            rows["competence"] = Q(skills__overlap=list(map(int, self.skills)))
        if self.sectors:
            rows["secteur"] = Q(sector__in=self.sectors)
        if self.pay:
            # An offer without pay is excluded, and the page says so.
            rows["salaire"] = Q(pay_most__gte=self.pay)
        return rows

    def with_page(self, page: int) -> Self:
        return replace(self, page=page)


def spell_place(code: str) -> str:
    return code.lower() if code[0] in "Rr" else code.upper()


class Reader:
    def __init__(self, query: QueryDict) -> None:
        self.query = query
        self.unread: list[str] = []

    def values(self, name: str) -> list[str]:
        parts = (
            UNPRINTABLE.sub("", part).strip()
            for value in self.query.getlist(name)
            for part in value.split(",")
        )
        return list(dict.fromkeys(part for part in parts if part))

    def leave(self, name: str, value: str) -> None:
        self.unread.append(f"{name} = {value[:40]}")

    def words(self, name: str) -> str:
        text = UNPRINTABLE.sub(" ", self.query.get(name, ""))
        return " ".join(text.split())[:LONGEST_QUESTION].strip()

    def rule(self) -> WordsRule | None:
        values = self.values("mots")
        for value in values:
            if value in WordsRule:
                return WordsRule(value)
            self.leave("mots", value)
        return None

    def codes(
        self, name: str, shape: re.Pattern[str], spell: Callable[[str], str] = str.upper
    ) -> tuple[str, ...]:
        codes: list[str] = []
        for value in self.values(name):
            if shape.fullmatch(spell(value)) and len(codes) < MOST_CODES:
                codes.append(spell(value))
            else:
                self.leave(name, value)
        # Codes that differ only in case count once.
        return tuple(dict.fromkeys(codes))

    def chosen(self) -> dict[str, tuple[str, ...]]:
        chosen = {}
        for each in ALL_FILTERS:
            values = self.values(each.name)
            known = {value for value in values if each.option(value)}
            for value in values:
                if value not in known:
                    self.leave(each.name, value)
            if known:
                # In the order of the screen: one search has one address.
                ordered = (option.value for option in each.options)
                chosen[each.name] = tuple(filter(known.__contains__, ordered))
        return chosen

    def radius(self) -> int:
        *others, last = self.values("rayon") or [""]
        for value in others:
            self.leave("rayon", value)
        if WHOLE_NUMBER.fullmatch(last):
            return min(int(last), LARGEST_RADIUS)
        if last:
            self.leave("rayon", last)
        return settings.SEARCH_DEFAULT_RADIUS_KM

    def pay(self) -> int | None:
        """Read euros as people write them: « 1800,50 € »."""
        written = UNPRINTABLE.sub("", self.query.get("salaire", "")).strip()
        if not written:
            return None
        found = EUROS.fullmatch(re.sub(r"[\s€]|euros?", "", written))
        if not found:
            self.leave("salaire", written)
            return None
        return min(int(found[1]), LARGEST_PAY) or None

    def days(self) -> int | None:
        """Return the longest of the periods given."""
        values = self.values("depuis")
        for value in values:
            if value not in PERIODS:
                self.leave("depuis", value)
        return max((int(value) for value in values if value in PERIODS), default=None)

    def sort(self) -> Sort | None:
        values = self.values("tri")
        for value in values:
            if value in Sort:
                return Sort(value)
            self.leave("tri", value)
        return None

    def page(self) -> int:
        value = self.query.get("page", "")
        page = int(value) if WHOLE_NUMBER.fullmatch(value) else 1
        return min(max(page, 1), LAST_PAGE)
