"""Skills of the ROME directory, as offers name them, found by what people type."""

import re
from collections.abc import Sequence

from offers.models import Skill
from offers.places import plain
from offers.trades import MOST_CHOICES, SUGGESTIONS, matching

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
    return list(matching(Skill.objects.all(), text)[:SUGGESTIONS])


def resolve_skills(text: str) -> list[Skill]:
    """The skills that a text names: one is an answer, several are a question."""
    if CODE.fullmatch(text):
        return list(Skill.objects.filter(code=int(text)))
    exact = Skill.objects.filter(plain=plain(text)).order_by("code")
    return list(exact[:1]) or list(matching(Skill.objects.all(), text)[:MOST_CHOICES])
