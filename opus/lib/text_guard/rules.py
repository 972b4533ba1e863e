"""The rules of ``rules/``, one file per category (V2, V3).

``words`` and ``phrases`` are forbidden; ``passes`` are harmless phrases of trades,
languages and services; ``patterns`` has the syntax. ``ordinary.txt`` lists French words
one letter away from a rule.
"""

import datetime as dt
import hashlib
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from django.db import models

from opus.lib.french import edit_distance


class Category(models.TextChoices):
    ORIGIN = "origine", "l’origine d’une personne"
    POLITICS = "politique", "les opinions politiques"
    BELIEFS = "convictions", "la religion ou les convictions"
    UNION = "syndicat", "l’appartenance syndicale"
    HEALTH = "sante", "la santé ou le handicap"
    SEXUAL = "vie_sexuelle", "la vie sexuelle"
    HARDSHIP = "difficultes", "des difficultés sociales ou personnelles"
    INSULT = "injure", "un jugement blessant"
    NIR = "nir", "un numéro de sécurité sociale"
    IBAN = "iban", "un numéro de compte bancaire"
    PHONE = "telephone", "un numéro de téléphone"
    EMAIL = "courriel", "une adresse de courriel"
    FT_ID = "identifiant", "un identifiant France Travail"


IDENTIFIERS = (
    Category.NIR,
    Category.IBAN,
    Category.PHONE,
    Category.EMAIL,
    Category.FT_ID,
)
# Found by words; the others are numbers and addresses.
SUBJECTS = tuple(one for one in Category if one not in IDENTIFIERS)

# Texts about the service may give its contact.
OF_THE_SERVICE = (Category.PHONE, Category.EMAIL)

HINTS = {
    Category.ORIGIN: "Si une langue compte pour le poste, nommez la langue\u00a0: "
    "«\u00a0parle couramment portugais\u00a0».",
    Category.POLITICS: "Retirez cette mention\u00a0: elle ne dit rien du travail.",
    Category.BELIEFS: "Si les horaires comptent, écrivez-les\u00a0: «\u00a0disponible "
    "du lundi au jeudi\u00a0».",
    Category.UNION: "Si une expérience compte, écrivez ce qui a été fait\u00a0: "
    "«\u00a0a animé des réunions\u00a0».",
    Category.HEALTH: "Écrivez ce que le poste doit permettre\u00a0: «\u00a0cherche un "
    "poste sans port de charges\u00a0», «\u00a0à temps partiel\u00a0».",
    Category.SEXUAL: "Retirez cette mention\u00a0: elle ne dit rien du travail.",
    Category.HARDSHIP: "Écrivez ce qui compte pour le poste\u00a0: «\u00a0disponible "
    "après 9 h\u00a0», «\u00a0sans véhicule\u00a0».",
    Category.INSULT: "Écrivez un fait daté\u00a0: «\u00a0n’est pas venue au "
    "rendez-vous du 3 mars\u00a0».",
    Category.NIR: "Aucun écran d’Opus n’en a besoin\u00a0: retirez-le.",
    Category.IBAN: "Aucun écran d’Opus n’en a besoin\u00a0: retirez-le.",
    Category.PHONE: "Il a sa place sur la fiche de la personne ou de la structure.",
    Category.EMAIL: "Elle a sa place sur la fiche de la personne ou de la structure.",
    Category.FT_ID: "Il a sa place sur la fiche de la personne.",
}


GAPS = {"..": 2, "…": 4}

type Forms = frozenset[str]
type Item = Forms | int
type Match = tuple[Category | None, int, int]

NO_FORM: Forms = frozenset()


def expand(item: str) -> list[str]:
    """Return an item's words: ``a{b,c{,s}}d`` is abd, acd, acsd."""
    start = item.find("{")
    if start < 0:
        return item.split("|")
    choices, depth, end = [""], 0, start
    for end in range(start, len(item)):
        sign = item[end]
        depth += (sign == "{") - (sign == "}")
        if depth == 0:
            break
        if sign == "," and depth == 1:
            choices.append("")
        elif end > start:
            choices[-1] += sign
    if depth:
        raise ValueError(f"A brace is open in {item!r}.")
    *before, head = item[:start].split("|")
    tail, *after = item[end + 1 :].split("|", 1)
    words = [word for choice in choices for word in expand(f"{head}{choice}{tail}")]
    return [*before, *words, *(word for rest in after for word in expand(rest))]


class Patterns:
    """Patterns, indexed by their possible first words."""

    def __init__(self, sets: Mapping[str, str]) -> None:
        self.sets = {
            f"<{name}>": frozenset(chain.from_iterable(map(expand, words.split())))
            for name, words in sets.items()
        }
        self.by_first: dict[str, list[tuple[tuple[Item, ...], Category | None]]] = {}

    def _item(self, written: str) -> Item:
        if written in GAPS:
            return GAPS[written]
        if written in self.sets:
            return self.sets[written]
        forms: set[str] = set()
        for part in expand(written):
            forms |= self.sets.get(part, {part})
        return frozenset(forms)

    def add(self, written: str, category: Category | None) -> None:
        items = tuple(map(self._item, written.split()))
        if isinstance(items[0], int):
            raise ValueError(f"A pattern begins with a word: {written!r}.")
        for word in items[0]:
            self.by_first.setdefault(word, []).append((items, category))

    def find(self, words: Sequence[Forms]) -> Iterator[Match]:
        """Yield category, first and last place of each match."""
        for first, forms in enumerate(words):
            for form in forms:
                for items, category in self.by_first.get(form, ()):
                    end = _end(items, words, first)
                    if end is not None:
                        yield category, first, end - 1


def _end(items: Sequence[Item], words: Sequence[Forms], at: int) -> int | None:
    """Return the nearest end of the items that begin there."""
    if not items:
        return at
    item, rest = items[0], items[1:]
    if isinstance(item, int):
        ends = (_end(rest, words, at + skipped) for skipped in range(item + 1))
        return next((end for end in ends if end is not None), None)
    if at < len(words) and not item.isdisjoint(words[at]):
        return _end(rest, words, at + 1)
    return None


SHORTEST = 7


def shortened(word: str) -> Iterator[str]:
    """Yield the word, then without each of its letters."""
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


class Spelling:
    """Words that may be misspelt, and those that never are."""

    def __init__(self, words: Collection[str], ordinary: Collection[str]) -> None:
        self.right = {*words, *ordinary}
        self.near: dict[str, list[str]] = {}
        for word in words:
            if len(word) >= SHORTEST:
                for short in shortened(word):
                    self.near.setdefault(short, []).append(word)

    def meant(self, word: str) -> Iterator[str]:
        if len(word) < SHORTEST - 1 or word in self.right:
            return
        near = {
            known for short in shortened(word) for known in self.near.get(short, ())
        }
        yield from (known for known in near if edit_distance(word, known) < 2)


FOLDER = Path(__file__).parent / "rules"


@dataclass(frozen=True)
class Version:
    number: int
    on: dt.date
    why: str
    fingerprint: str


@dataclass(frozen=True)
class Rules:
    forbidden: Patterns
    passes: Patterns
    spelling: Spelling
    # Persons' names that are also words of the rules.
    surnames: frozenset[str]
    version: Version


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _lines(written: str) -> list[str]:
    """Return one pattern per line; ``#`` begins a comment."""
    lines = (line.split("#")[0].strip() for line in written.splitlines())
    return [line for line in lines if line]


def fingerprint() -> str:
    """Return a digest of the rules without their version."""
    paths = sorted(path for path in FOLDER.iterdir() if path.stem != "version")
    texts = [path.read_bytes() for path in paths]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:16]


def load() -> Rules:
    sets = _read("sets")
    forbidden, passes = Patterns(sets), Patterns(sets)
    mistakable = {*forbidden.sets["<peuple>"], *forbidden.sets["<fautif>"]}
    for category in SUBJECTS:
        rules = _read(category.value)
        mistakable.update(*map(expand, rules["words"].split()))
        for pattern in [*rules["words"].split(), *_lines(rules["phrases"])]:
            forbidden.add(pattern, category)
        for pattern in _lines(rules["passes"]):
            passes.add(pattern, category)
    for pattern in _lines(_read("passes")["passes"]):
        passes.add(pattern, None)
    ordinary = (FOLDER / "ordinary.txt").read_text(encoding="utf-8").split()
    return Rules(
        forbidden,
        passes,
        Spelling(mistakable, ordinary),
        forbidden.sets["<nom>"],
        Version(**_read("version")),
    )


RULES = load()
