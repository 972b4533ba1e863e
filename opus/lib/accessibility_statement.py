import dataclasses
import datetime as dt
import functools
import json
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from django.db import models

DATA = Path(__file__).with_name("data")
RESULTS = DATA / "accessibility.json"
CRITERIA = DATA / "rgaa.toml"
# The law's threshold of partial conformity.
HALF = 0.5
# The states of a page in the tour, as the declaration names them.
STATES = {
    "desktop": "sur un ordinateur, à 1\N{NO-BREAK SPACE}280 pixels",
    "narrow": "à 320 pixels, soit un agrandissement de 400\N{NO-BREAK SPACE}%",
    "dark": "avec une préférence pour un thème sombre",
    "forced_colours": "avec les couleurs imposées par le système",
    "spacing": "avec un espacement du texte élargi",
    "no_script": "sans JavaScript",
    "keyboard": "au clavier seul",
    "dialog": "avec chacune de ses fenêtres ouverte",
    "error": "avec un formulaire vide ou mal rempli",
    "breakdown": "en panne",
}
# The reason why a route was not visited (tests/routes.py).
NOT_YET = "pas encore ouverte par le tour entier"
PLACEHOLDER = re.compile(r"<[^>]+>")


class Conformity(models.TextChoices):
    """The three terms of the law (décret n° 2019-768)."""

    WHOLE = "totalement", "totalement conforme"
    PARTIAL = "partiellement", "partiellement conforme"
    NONE = "non", "non conforme"


class Reading(models.TextChoices):
    HELD = "respecté", "respecté"
    BROKEN = "non respecté", "non respecté"
    ABSENT = "sans objet", "sans objet"
    UNREAD = "à lire", "à lire par une personne"


@dataclasses.dataclass(frozen=True)
class Criterion:
    number: str
    reading: Reading
    why: str


@dataclasses.dataclass(frozen=True)
class Audit:
    criteria: tuple[Criterion, ...]
    done_on: dt.date | None
    done_by: str

    @property
    def counts(self) -> Counter[Reading]:
        return Counter(one.reading for one in self.criteria)

    @property
    def rate(self) -> float:
        counts = self.counts
        applicable = len(self.criteria) - counts[Reading.ABSENT]
        return counts[Reading.HELD] / applicable if applicable else 0.0

    @property
    def conformity(self) -> Conformity:
        """Return the conformity: none until each criterion is checked."""
        if not self.done_on or self.counts[Reading.UNREAD] or self.rate < HALF:
            return Conformity.NONE
        return Conformity.WHOLE if self.rate == 1 else Conformity.PARTIAL

    def criteria_with(self, reading: Reading) -> list[Criterion]:
        return [one for one in self.criteria if one.reading == reading]


@functools.cache
def audit() -> Audit:
    data = tomllib.loads(CRITERIA.read_text(encoding="utf-8"))
    criteria = tuple(
        Criterion(f"{theme}.{number}", Reading(reading), why)
        for theme, numbers in data["criteria"].items()
        for number, (reading, why) in numbers.items()
    )
    done = data["audit"]
    return Audit(criteria, done.get("done_on"), done.get("done_by", ""))


@dataclasses.dataclass(frozen=True)
class Tour:
    toured_on: dt.date
    axe: str
    chromium: str
    looks: int
    # Route → title, role, states.
    pages: dict[str, dict[str, Any]]
    # Route → reason.
    without_a_look: dict[str, str]
    # (route, state, fault).
    faults: list[tuple[str, str, str]]

    @property
    def not_yet(self) -> int:
        return list(self.without_a_look.values()).count(NOT_YET)

    @property
    def faults_shown(self) -> list[tuple[str, str, str]]:
        """Return (page title, state, rule) of each fault."""
        titles = {route: page["title"] for route, page in self.pages.items()}
        return [
            (titles.get(route, route), STATES[state], words.partition(":")[0])
            for route, state, words in self.faults
        ]

    @property
    def shelves(self) -> list[tuple[str, list[tuple[str, str]]]]:
        shelves: dict[str, list[tuple[str, str]]] = {
            "Pages ouvertes à tous": [],
            "Pages des partenaires": [],
            "Pages de France Travail": [],
            "Pages d’erreur": [],
        }
        public, partners, staff, errors = shelves.values()
        for route, page in self.pages.items():
            if not route.startswith("/"):
                shelf = errors
            elif route.startswith("/admin/"):
                shelf = staff
            else:
                shelf = public if "anonymous" in page["roles"] else partners
            shelf.append((page["title"], PLACEHOLDER.sub("…", route)))
        return [(label, pages) for label, pages in shelves.items() if pages]


@functools.cache
def tour() -> Tour:
    data = json.loads(RESULTS.read_text(encoding="utf-8"))
    toured_on = dt.date.fromisoformat(data.pop("toured_on"))
    faults = [(route, state, words) for route, state, words in data.pop("faults")]
    return Tour(toured_on=toured_on, faults=faults, **data)
