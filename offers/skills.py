"""Skills of the ROME directory, as offers name them, found by what people type."""

import re
from collections.abc import Sequence

from django.db.models import F, QuerySet
from django.db.models.functions import Length

from offers.models import Skill
from offers.places import plain
from offers.trades import MOST_CHOICES, SUGGESTIONS, after_a_space, beginning

CODE = re.compile(r"[1-9]\d{0,8}", re.ASCII)


def find_skills(codes: Sequence[str]) -> list[Skill]:
    """The skills of these codes; one that no offer named is told by its code."""
    found = Skill.objects.in_bulk([int(code) for code in codes]) if codes else {}
    return [
        found.get(int(code)) or Skill(code=int(code), label=f"Compétence n° {code}")
        for code in codes
    ]


def suggest_skills(text: str) -> list[Skill]:
    """The skills with a word that begins like each word typed, shortest first."""
    return list(matching(text)[:SUGGESTIONS])


def resolve_skills(text: str) -> list[Skill]:
    """The skills that a text names: one is an answer, several are a question."""
    if CODE.fullmatch(text):
        return list(Skill.objects.filter(code=int(text)))
    exact = Skill.objects.filter(plain=plain(text)).order_by("code")
    return list(exact[:1]) or list(matching(text)[:MOST_CHOICES])


def matching(text: str) -> QuerySet[Skill]:
    rows = Skill.objects.alias(words=after_a_space(F("plain")))
    return beginning(rows, text).order_by(Length("label"), "label")
