"""Trades (ROME), appellations, skills and sectors (NAF), found by typed words.

A trade (« Maçon / Maçonne (F1703) ») is wide, an appellation (« Maçon / Maçonne en
pierres ») is one job name within it.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from django.db.models import F, Func, Model, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, Length
from django.db.models.lookups import Contains

from offers.reference.models import Appellation, Rome, Skill, label_key
from offers.reference.places import DATA, LONGEST_TEXT, MOST_CHOICES, SUGGESTIONS
from opus.lib.french import plain
from opus.lib.french_regions import read_rows

# « F1703 », « Maçon / Maçonne (F1703) ».
CODED = re.compile(r"(?:.*\()?([A-N]\d{4})\)?", re.ASCII | re.IGNORECASE)
# Suffix of an appellation in the box, because a trade may have the same name.
MARK = " (appellation)"
# Number of trades among the suggestions if appellations match, too.
TRADES_FIRST = 4

type Job = Rome | Appellation


class Plain(Func):
    """A text without accents, case and signs."""

    function = "opus_plain"
    output_field = TextField()


def find_trades(codes: Sequence[str]) -> list[Rome]:
    """Return trades by code; an unknown code is its label."""
    found = Rome.objects.in_bulk(codes)
    return [found.get(code) or Rome(code=code, label="Métier") for code in codes]


def find_appellations(names: Sequence[str]) -> list[Appellation]:
    keys = [label_key(name) for name in names]
    found = Appellation.objects.in_bulk(keys)
    words = [name.replace("-", " ") for name in names]
    return [
        found.get(key) or Appellation(key=key, plain=text, label=text.capitalize())
        for key, text in zip(keys, words, strict=True)
    ]


def unknown_appellations(names: Sequence[str]) -> list[str]:
    """Return the words of names that Opus does not know."""
    keys = {label_key(name): name for name in names}
    found = Appellation.objects.in_bulk(list(keys))
    return [name.replace("-", " ") for key, name in keys.items() if key not in found]


def suggest_trades(text: str) -> list[Job]:
    trades = list(matching(Rome.objects.all(), Plain(F("label")), text)[:SUGGESTIONS])
    room = SUGGESTIONS - min(len(trades), TRADES_FIRST)
    names = list(matching(Appellation.objects.all(), F("plain"), text)[:room])
    return [*trades[: SUGGESTIONS - len(names)], *names]


def resolve_label(text: str) -> Job | None:
    """Return the trade or appellation of a label as proposed, or a code."""
    text = text[:LONGEST_TEXT].strip()
    if found := CODED.fullmatch(text):
        return Rome.objects.filter(code=found[1].upper()).first()
    if text.endswith(MARK):
        name = plain(text.removesuffix(MARK))
        return Appellation.objects.filter(plain=name).first()
    return None


def matching[M: Model](
    every: QuerySet[M], plain_label: Combinable, text: str
) -> QuerySet[M]:
    """Return rows with words that begin like each typed one, the shortest first."""
    typed = plain(text[:LONGEST_TEXT]).split()
    # Every word follows a space.
    words = Concat(Value(" "), plain_label, output_field=TextField())
    rows = every.filter(*(Contains(words, f" {word}") for word in typed))
    ordering = every.model._meta.ordering or ()
    return rows.order_by(Length("label"), *ordering) if typed else every.none()


SKILL_CODE = re.compile(r"[1-9]\d{0,8}", re.ASCII)


def find_skills(codes: Sequence[str]) -> list[Skill]:
    """Return skills by code; an unknown code is its label."""
    found = Skill.objects.in_bulk([int(code) for code in codes])
    return [
        found.get(int(code)) or Skill(code=int(code), label=f"Compétence n° {code}")
        for code in codes
    ]


def matching_skills(text: str) -> QuerySet[Skill]:
    return matching(Skill.objects.all(), F("plain"), text)


def resolve_skills(text: str) -> list[Skill]:
    if SKILL_CODE.fullmatch(text):
        return list(Skill.objects.filter(code=int(text)))
    exact = Skill.objects.filter(plain=plain(text)).order_by("code")
    return list(exact[:1]) or list(matching_skills(text)[:MOST_CHOICES])


class Sector(NamedTuple):
    code: str
    label: str

    def __str__(self) -> str:
        return self.label


@cache
def sectors() -> dict[str, Sector]:
    rows = read_rows(DATA / "secteurs.csv")
    return {row["code"]: Sector(row["code"], row["label"]) for row in rows}


def find_sectors(codes: Sequence[str]) -> list[Sector]:
    """Return sectors by code; an unknown code is its label."""
    return [sectors().get(code) or Sector(code, f"Division {code}") for code in codes]


def resolve_sectors(text: str) -> list[Sector]:
    if text in sectors():
        return [sectors()[text]]
    exact = [one for one in sectors().values() if plain(one.label) == plain(text)]
    return exact or matching_sectors(text)[:MOST_CHOICES]


def matching_sectors(text: str) -> list[Sector]:
    words = plain(text[:LONGEST_TEXT]).split()
    return [
        sector
        for sector in sectors().values()
        if words and all(f" {word}" in f" {plain(sector.label)}" for word in words)
    ]
