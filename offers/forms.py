"""The search form as it is sent: places and trades arrive as typed words.

Without JavaScript they are words to look up; with it, the combobox has already put the
code beside them. Either way the answer is an address that holds codes alone (U1, U11).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from offers.criteria import UNPRINTABLE, Criteria
from offers.models import Rome
from offers.places import Area, find_areas, resolve
from offers.trades import find_trades, resolve_trades

# The boxes of words, which the form alone sends: an address never has them.
PLACE_BOX = "ou"
TRADE_BOX = "metier"
LONGEST_BOX = 400


def is_form(query: QueryDict) -> bool:
    """Whether this comes out of the form, and is to become an address."""
    return PLACE_BOX in query or TRADE_BOX in query


@dataclass(frozen=True, slots=True)
class Doubt:
    """Words that name several things: one link for each."""

    text: str
    options: list[tuple[Area | Rome, str]]


@dataclass(slots=True)
class SentForm:
    """What the form said, turned into criteria as far as it can be understood."""

    query: QueryDict
    criteria: Criteria = field(init=False)
    doubt: Doubt | None = None
    errors: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.criteria = Criteria.from_query(self.query).with_page(1)
        if PLACE_BOX in self.query:
            self.read_places()
        # One question at a time: the other box goes along with the answer.
        if TRADE_BOX in self.query and self.is_settled:
            self.read_trades()

    def box(self, name: str) -> str:
        text = UNPRINTABLE.sub(" ", self.query.get(name, ""))
        return " ".join(text.split())[:LONGEST_BOX]

    @property
    def is_settled(self) -> bool:
        """Whether all of it was understood, so that it has an address."""
        return not self.doubt and not self.errors

    def read_places(self) -> None:
        text, known = self.box(PLACE_BOX), find_areas(self.criteria.places)
        if text == join(known, ", "):
            return
        self.read_box(
            PLACE_BOX,
            re.split(r"[,;]", text),
            known={area.label: area for area in known},
            look_up=resolve,
            set_codes=lambda codes: self.criteria.changed(places=codes),
            nothing="Aucun lieu ne correspond à « {} ». Écrivez une commune, un code "
            "postal, un département ou une région, par exemple « Villefontaine », "
            "« 38090 » ou « Isère ».",
        )

    def read_trades(self) -> None:
        text, known = self.box(TRADE_BOX), find_trades(self.criteria.trades)
        if text == join(known, " ; "):
            return
        self.read_box(
            TRADE_BOX,
            text.split(";"),
            known={str(trade): trade for trade in known},
            look_up=resolve_trades,
            set_codes=lambda codes: self.criteria.changed(trades=codes),
            nothing="Aucun métier du répertoire ROME ne correspond à « {} ». Écrivez "
            "un métier ou un code, par exemple « maçon » ou « F1703 » ; pour "
            "chercher un mot dans les offres, utilisez le premier champ.",
        )

    def read_box(
        self,
        name: str,
        parts: Sequence[str],
        *,
        known: dict[str, Any],
        look_up: Callable[[str], Sequence[Any]],
        set_codes: Callable[[tuple[str, ...]], Criteria],
        nothing: str,
    ) -> None:
        """Look every part of a box up; the first that is unclear becomes a question."""
        codes: list[str] = []
        unclear: tuple[str, Sequence[Any]] | None = None
        for part in filter(None, map(str.strip, parts)):
            found = [known[part]] if part in known else look_up(part)
            if len(found) == 1:
                codes.append(found[0].code)
            elif unclear is None:
                unclear = part, found
        self.criteria = set_codes(tuple(dict.fromkeys(codes)))
        if unclear is None:
            return
        text, found = unclear
        if not found:
            self.errors[name] = nothing.format(text)
            return
        options = [
            (option, self.address(set_codes((*codes, option.code)), but=name))
            for option in found
        ]
        self.doubt = Doubt(text, options)

    def address(self, criteria: Criteria, *, but: str) -> str:
        """Where a choice of place leads: trades, not read yet, go along as typed."""
        if but == TRADE_BOX or not self.box(TRADE_BOX):
            return criteria.url
        query = urlencode({TRADE_BOX: self.box(TRADE_BOX)})
        return f"{criteria.url}{'&' if '?' in criteria.url else '?'}{query}"


def join(things: Sequence[Area | Rome], separator: str) -> str:
    """What a box shows of the codes that it stands for."""
    return separator.join(map(str, things))
