import re
from collections.abc import Sequence

from django.db.models import F, QuerySet
from django.db.models.functions import Length

from offers.reference.communes_in_memory import plain
from offers.reference.models import Skill
from offers.reference.places import MOST_CHOICES, SUGGESTIONS
from offers.reference.trades import after_a_space, beginning

CODE = re.compile(r"[1-9]\d{0,8}", re.ASCII)


def find_skills(codes: Sequence[str]) -> list[Skill]:
    """Return skills by code; an unknown code is its label."""
    found = Skill.objects.in_bulk([int(code) for code in codes]) if codes else {}
    return [
        found.get(int(code)) or Skill(code=int(code), label=f"Compétence n° {code}")
        for code in codes
    ]


def suggest_skills(text: str) -> list[Skill]:
    return list(matching(text)[:SUGGESTIONS])


def resolve_skills(text: str) -> list[Skill]:
    if CODE.fullmatch(text):
        return list(Skill.objects.filter(code=int(text)))
    exact = Skill.objects.filter(plain=plain(text)).order_by("code")
    return list(exact[:1]) or list(matching(text)[:MOST_CHOICES])


def matching(text: str) -> QuerySet[Skill]:
    rows = Skill.objects.alias(words=after_a_space(F("plain")))
    return beginning(rows, text).order_by(Length("label"), "label")
