"""The search form: places, trades, skills, sectors as typed words.

Words become codes in the address (U1), on the server without JavaScript (U11).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from offers.reference import trades
from offers.reference.models import Appellation, Rome, Skill
from offers.reference.places import Area, find_areas, resolve
from offers.search.criteria import UNPRINTABLE, Criteria, Reader
from offers.search.places import towns_meant
from opus.lib.documents.spreadsheets import Format
from opus.lib.forms.base import Form

LONGEST_BOX = 400

type Thing = Area | Skill | trades.Sector


@dataclass(frozen=True, slots=True)
class Box:
    """A text box; an address never has its words."""

    name: str
    # The field of a search that has its codes, and the objects of some codes.
    codes: str
    find: Callable[[Sequence[str]], Sequence[Any]]
    look_up: Callable[[str], Sequence[Any]]
    nothing: str
    separator: str = " ; "
    parts: re.Pattern[str] = re.compile(r";")
    # What misspelt words may mean.
    meant: Callable[[str], Sequence[Any]] = lambda text: ()
    # A hint if several objects have this name.
    hint: str = "par exemple avec un mot de plus"

    def known(self, criteria: Criteria) -> Sequence[Any]:
        return self.find(getattr(criteria, self.codes))

    def settle(self, criteria: Criteria, found: Sequence[Any]) -> Criteria:
        """Return the search with these objects instead."""
        codes = tuple(dict.fromkeys(str(thing.code) for thing in found))
        return criteria.changed(**{self.codes: codes})

    def join(self, things: Iterable[Any]) -> str:
        return self.separator.join(map(str, things))


PLACE_BOX = Box(
    name="ou",
    separator=", ",
    parts=re.compile(r"[,;]"),
    codes="places",
    find=find_areas,
    look_up=resolve,
    nothing="Aucun lieu ne correspond à « {} ». Écrivez une commune, un code "
    "postal, un département ou une région, par exemple « Villefontaine », "
    "« 38090 » ou « Isère ».",
    meant=towns_meant,
    hint="par exemple avec un code postal",
)
SKILL_BOX = Box(
    name="savoir",
    codes="skills",
    find=trades.find_skills,
    look_up=trades.resolve_skills,
    nothing="Aucune compétence nommée par les offres ne correspond à « {} ». "
    "Écrivez un mot de son libellé, par exemple « coffrage ».",
)
SECTOR_BOX = Box(
    name="activite",
    codes="sectors",
    find=trades.find_sectors,
    look_up=trades.resolve_sectors,
    nothing="Aucun secteur d’activité ne correspond à « {} ». Écrivez un mot de "
    "son nom ou son numéro, par exemple « restauration » ou « 56 ».",
)
BOXES = (PLACE_BOX, SKILL_BOX, SECTOR_BOX)
# What the box of the job showed, sent beside what it says now.
SHOWN = "avant"
# The words that reading left of what it shows.
LEFT = "reste"


def is_form(query: QueryDict) -> bool:
    """Return whether words are to be settled as codes, by a redirect.

    A filter that applies in place sends the box of the job as it was shown.
    """
    is_typed = SHOWN in query and query.get(SHOWN) != query.get("q", "")
    return is_typed or any(box.name in query for box in BOXES)


def read_criteria(query: QueryDict) -> Criteria:
    """Return the search of an address or a form."""
    criteria = Criteria.from_query(query)
    if SHOWN not in query:
        return criteria
    shown = query.get(SHOWN, "")
    if criteria.typed and criteria.words == criteria.typed == shown:
        # As read before: the words that were left, and the codes beside them.
        return replace(criteria, words=Reader(query).words(LEFT))
    return settle_job(criteria, shown)


def jobs_of(criteria: Criteria) -> list[Rome | Appellation]:
    return [
        *trades.find_trades(criteria.trades),
        *trades.find_appellations(criteria.appellations),
    ]


def job_shown(criteria: Criteria, jobs: Iterable[Rome | Appellation]) -> str:
    """Return the text of the box of the job: as typed, else trades."""
    return criteria.typed or criteria.words or " ; ".join(map(str, jobs))


def settle_job(criteria: Criteria, shown: str) -> Criteria:
    """Return the search with the words typed instead of those shown.

    The label of a trade or an appellation, as proposed, becomes its code.
    """
    text = criteria.words
    if text == shown:
        is_of_jobs = text and text == " ; ".join(map(str, jobs_of(criteria)))
        return criteria.changed(words="", rule=None) if is_of_jobs else criteria
    fresh = criteria.changed(trades=(), appellations=(), rule=None, typed="")
    found = trades.resolve_label(text)
    if isinstance(found, Rome):
        return fresh.changed(words="", trades=(found.code,))
    if isinstance(found, Appellation):
        return fresh.changed(words="", appellations=(found.code,))
    return fresh


@dataclass(frozen=True, slots=True)
class Doubt:
    """Words that name several things, with a link for each."""

    text: str
    options: list[tuple[Thing, str]]
    hint: str


@dataclass(slots=True)
class SentForm:
    query: QueryDict
    own_path: str = ""
    criteria: Criteria = field(init=False)
    doubt: Doubt | None = None
    errors: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        criteria = read_criteria(self.query).with_page(1)
        self.criteria = replace(criteria, own_path=self.own_path)
        for box in BOXES:
            # One question at a time: its answer keeps the other boxes.
            if self.is_settled and self.is_changed(box):
                self.read(box)

    def text(self, box: Box) -> str:
        text = UNPRINTABLE.sub(" ", self.query.get(box.name, ""))
        return " ".join(text.split())[:LONGEST_BOX]

    def is_changed(self, box: Box) -> bool:
        if box.name not in self.query:
            return False
        return self.text(box) != box.join(box.known(self.criteria))

    @property
    def is_settled(self) -> bool:
        return not self.doubt and not self.errors

    def read(self, box: Box) -> None:
        """Look up a box; an unclear part becomes a question."""
        known = {str(thing): thing for thing in box.known(self.criteria)}
        settled: list[Any] = []
        unclear: tuple[str, Sequence[Any]] | None = None
        for part in filter(None, map(str.strip, box.parts.split(self.text(box)))):
            found = [known[part]] if part in known else box.look_up(part)
            if len(found) == 1:
                settled.append(found[0])
            elif unclear is None:
                unclear = part, found
        self.criteria = box.settle(self.criteria, settled)
        if unclear is None:
            return
        text, found = unclear
        found = found or box.meant(text)
        if not found:
            self.errors[box.name] = box.nothing.format(text)
            return
        options = [
            (option, self.address(box.settle(self.criteria, (*settled, option)), box))
            for option in found
        ]
        self.doubt = Doubt(text, options, box.hint)

    def address(self, criteria: Criteria, answered: Box) -> str:
        """Return a choice's link; unread boxes keep their words."""
        later = BOXES[BOXES.index(answered) + 1 :]
        words = {box.name: self.text(box) for box in later if self.is_changed(box)}
        if not words:
            return criteria.url
        return f"{criteria.url}{'&' if '?' in criteria.url else '?'}{urlencode(words)}"


class ExportForm(Form):
    file_format = forms.ChoiceField(
        label="Format du fichier",
        choices=Format.choices,
        initial=Format.XLSX,
        widget=forms.RadioSelect,
    )
