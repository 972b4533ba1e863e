"""A search as in its address (U1), with unreadable values."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import F, Q, Value
from django.http import QueryDict
from django.urls import reverse

from offers.catalogue.formatting import FIXED, number
from offers.enums import MODES_SHOWN
from offers.payload.contract import CONTRACTS, NATURES, PERMITS
from offers.payload.offer import ROME_CODE
from offers.reference import trades
from offers.reference.models import label_key
from offers.reference.places import (
    COMMUNE_CODE,
    DEPARTMENT_CODE,
    Area,
    areas_by_code,
    label_around,
)
from offers.search.conditions import Matches, Read


class Option(NamedTuple):
    """One choice: its code in the address, label, stored value.

    ``stored``: a value of the column, a tuple of values, or a condition if the filter
    has no column.
    """

    value: str
    label: str
    stored: Any


class Filter(NamedTuple):
    name: str
    column: str
    legend: str
    options: tuple[Option, ...]

    def option(self, value: str) -> Option | None:
        return next((o for o in self.options if o.value == value), None)

    def stored(self, values: Collection[str]) -> list[Any]:
        """Return column values of these choices, or their conditions."""
        chosen = [o.stored for o in self.options if o.value in values]
        each = (one if isinstance(one, tuple) else (one,) for one in chosen)
        return list(chain.from_iterable(each))

    def rows(self, values: Collection[str]) -> Q:
        stored = self.stored(values)
        if self.column:
            return Q((f"{self.column}__in", stored))
        return reduce(or_, stored)


def by_code(labels: Mapping[str, str]) -> tuple[Option, ...]:
    return tuple(Option(code, label, code) for code, label in labels.items())


def choices(
    name: str, column: str, legend: str, *options: tuple[str, str, Any]
) -> Filter:
    return Filter(name, column, legend, tuple(Option(*option) for option in options))


# --- Filters with a count for each choice ---------------------------------------------

FILTERS = (
    Filter("contrat", "contract", "Contrat", by_code(CONTRACTS)),
    Filter("mode", "mode", "Présélection", by_code(MODES_SHOWN)),
    choices(
        *("publiee", "published", "Publication"),
        ("non", "Non publiée ailleurs", False),
        ("oui", "Publiée ailleurs", True),
    ),
    choices(
        *("temps", "full_time", "Temps de travail"),
        ("plein", "Temps plein", True),
        ("partiel", "Temps partiel", False),
    ),
    choices(
        *("experience", "experience", "Expérience"),
        ("D", "Débutant accepté", "D"),
        ("S", "Expérience souhaitée", "S"),
        ("E", "Expérience exigée", "E"),
    ),
    choices(
        *("th", "accessible_th", "Accessibilité"),
        ("oui", "Accessible aux travailleurs handicapés", True),
    ),
    Filter("nature", "nature", "Nature du contrat", by_code(NATURES)),
)

# --- The others -----------------------------------------------------------------------

# Contrats aidés: the contrat unique d'insertion (Code du travail, art. L. 5134-19-1) as
# CAE (L. 5134-20) and as CIE (L. 5134-65), and the emploi d'avenir (L. 5134-110, and
# L. 5134-120 for teachers). Insertion par l'activité économique (L. 5132-1) differs: it
# is under « nature ».
AIDED = ("FT", "FU", "FW", "FX", "FY")
# Apprenticeship and professionnalisation (art. L. 6221-1 and L. 6325-1).
ALTERNATING = ("E2", "FS")


def between(column: str, least: float | None, below: float | None) -> Q:
    """Return rows from ``least`` on and under ``below``."""
    bounds = {f"{column}__gte": least, f"{column}__lt": below}
    return Q(*((name, value) for name, value in bounds.items() if value is not None))


IN_TITLES = "'altern':A | 'apprent':A | 'apprentissag':A"


def says(stems: str) -> Q:
    """Return rows whose texts have these stems."""
    return Q(Matches(F("vector"), Read(Value(stems))))


def yes(name: str, column: str, label: str, stored: Any = True) -> Filter:
    """Return a filter of one choice: « peu=oui »."""
    return choices(name, column, label, ("oui", label, stored))


MORE_FILTERS = (
    # Many offers say it in their title alone.
    yes("alternance", "", "Alternance", Q(nature__in=ALTERNATING) | says(IN_TITLES)),
    yes("aide", "nature", "Contrats aidés (CUI, emplois d’avenir)", AIDED),
    choices(
        *("duree", "", "Durée du contrat"),
        ("moins-de-1", "Moins d’un mois", between("contract_months", None, 1)),
        ("1-3", "1 à moins de 3 mois", between("contract_months", 1, 3)),
        ("3-6", "3 à moins de 6 mois", between("contract_months", 3, 6)),
        ("6-12", "6 à moins de 12 mois", between("contract_months", 6, 12)),
        ("12-et-plus", "12 mois et plus", between("contract_months", 12, None)),
    ),
    choices(
        *("heures", "", "Heures par semaine"),
        ("moins-de-15", "Moins de 15 h", between("weekly_hours", None, 15)),
        ("15-24", "15 h à moins de 24 h", between("weekly_hours", 15, 24)),
        ("24-35", "24 h à moins de 35 h", between("weekly_hours", 24, 35)),
        ("35", "35 h", Q(weekly_hours=35)),
        ("plus-de-35", "Plus de 35 h", Q(weekly_hours__gt=35)),
    ),
    choices(
        *("horaire", "", "Horaires"),
        ("nuit", "De nuit", says("'nuit'")),
        ("week-end", "Le week-end", says("'week' <-> 'end' | 'weekend'")),
    ),
    choices(
        *("permis", "", "Permis"),
        ("aucun", "Aucun permis demandé", Q(permits__isnull=True)),
        *(
            (code, f"Permis {label}", Q(permits__overlap=[code]))
            for code, label in PERMITS.items()
        ),
    ),
    choices(
        *("formation", "training", "Formation demandée"),
        ("aucune", "Aucune formation scolaire", 0),
        ("brevet", "Brevet ou fin de collège", 2),
        ("cap", "CAP, BEP", 3),
        ("bac", "Bac", 4),
        ("bac2", "Bac + 2", 5),
        ("bac3", "Bac + 3 ou 4", 6),
        ("bac5", "Bac + 5 et plus", 7),
    ),
    choices(
        *("qualification", "is_cadre", "Qualification"),
        ("non-cadre", "Non-cadre", False),
        ("cadre", "Cadre", True),
    ),
    yes("peu", "few_candidates", "Peu de candidats"),
    yes("adaptee", "adapted", "Entreprise adaptée"),
    yes("handi", "handi_engaged", "Employeur handi-engagé"),
    choices(
        *("origine", "from_partner", "Origine"),
        ("francetravail", "Offre de France Travail", False),
        ("partenaire", "Offre d’un site partenaire", True),
    ),
)
ALL_FILTERS = (*FILTERS, *MORE_FILTERS)
BY_NAME = {each.name: each for each in ALL_FILTERS}
# Filters whose choices say little without their name: « 35 h ».
NEED_THEIR_NAME = ("heures", "duree", "formation")


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
# The label of an appellation without accents and signs: « macon-maconne ».
APPELLATION = re.compile(r"[a-z0-9]{1,40}(-[a-z0-9]{1,40}){0,40}", re.ASCII)
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
        rule = reader.one_of("mots", WordsRule)
        return cls(
            words=words,
            rule=rule if words or typed else None,
            typed=typed,
            places=reader.codes(
                "lieu",
                PLACE_CODE,
                lambda code: code.lower() if code[0] in "Rr" else code.upper(),
            ),
            radius=reader.radius(),
            trades=reader.codes("rome", ROME_CODE),
            appellations=reader.codes("appellation", APPELLATION, str.lower),
            skills=reader.codes("competence", trades.SKILL_CODE),
            sectors=reader.codes("secteur", SECTOR_CODE),
            pay=reader.pay(),
            chosen=reader.chosen(),
            days=reader.days(),
            sort=reader.one_of("tri", Sort),
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

    def one_of[T: StrEnum](self, name: str, kind: type[T]) -> T | None:
        for value in self.values(name):
            if value in kind:
                return kind(value)
            self.leave(name, value)
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

    def page(self) -> int:
        value = self.query.get("page", "")
        page = int(value) if WHOLE_NUMBER.fullmatch(value) else 1
        return min(max(page, 1), LAST_PAGE)


class Labels:
    def __init__(self, criteria: Iterable[Criteria]) -> None:
        criteria = list(criteria)
        places = sorted({code for each in criteria for code in each.places})
        codes = sorted({code for each in criteria for code in each.trades})
        skills = sorted({code for each in criteria for code in each.skills})
        jobs = sorted({name for each in criteria for name in each.appellations})
        self.areas: dict[str, Area] = areas_by_code(places)
        # By parameter, then by code in the address.
        self.known: dict[str, dict[str, Any]] = {
            "rome": dict(zip(codes, trades.find_trades(codes), strict=True)),
            "appellation": dict(zip(jobs, trades.find_appellations(jobs), strict=True)),
            "competence": dict(zip(skills, trades.find_skills(skills), strict=True)),
        }

    def parts(self, criteria: Criteria) -> list[str]:
        return [label for _, _, label in self.labels(criteria)]

    def labels(self, criteria: Criteria) -> Iterator[tuple[str, str, str]]:
        """Yield (parameter, value, label) of each thing asked for."""
        if criteria.words:
            yield "q", "", f"« {criteria.words} »"
        for code in criteria.trades:
            yield "rome", code, self.known["rome"][code].label
        for code in criteria.places:
            yield "lieu", code, self.place(code, criteria.radius)
        for name in criteria.appellations:
            yield "appellation", name, str(self.known["appellation"][name])
        for each in ALL_FILTERS:
            chosen = criteria.chosen.get(each.name, ())
            for option in each.options:
                if option.value in chosen:
                    label = option.label
                    if each.name in NEED_THEIR_NAME:
                        label = f"{each.legend}{FIXED}: {label[0].lower()}{label[1:]}"
                    yield each.name, option.value, label
        for code in criteria.skills:
            yield "competence", code, self.known["competence"][code].label
        for sector in trades.find_sectors(criteria.sectors):
            yield "secteur", sector.code, sector.label
        if criteria.pay:
            amount = f"{number(criteria.pay)}{FIXED}€"
            yield "salaire", "", f"Au moins {amount} par mois"
        if criteria.days:
            yield "depuis", "", PERIODS[str(criteria.days)]

    def place(self, code: str, radius: int) -> str:
        area = self.areas.get(code)
        return label_around(area, radius) if area else f"lieu {code}, inconnu"

    def understood(self, criteria: Criteria) -> Criteria:
        known = tuple(code for code in criteria.places if code in self.areas)
        return criteria.changed(places=known)

    def unread(self, criteria: Criteria) -> list[str]:
        return unread_of(criteria, self.areas)


def unread_of(criteria: Criteria, areas: Container[str]) -> list[str]:
    """Return what an address says that Opus does not know."""
    lost = [f"lieu = {code}" for code in criteria.places if code not in areas]
    return [*criteria.unread, *lost]
