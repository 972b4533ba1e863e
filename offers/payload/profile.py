import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

# Driving licences of the European categories, the frequent ones first.
PERMITS = {
    "B": "B (voiture)",
    "BE": "BE (voiture et remorque)",
    "C": "C (poids lourd)",
    "CE": "CE (poids lourd et remorque)",
    "D": "D (transport de personnes)",
    "AM": "AM (cyclomoteur)",
    "A1": "A1 (moto légère)",
    "A2": "A2 (moto intermédiaire)",
    "A": "A (moto)",
    "B1": "B1 (quadricycle)",
    "B96": "B mention 96 (petite remorque)",
    "C1": "C1 (poids lourd jusqu’à 7,5 t)",
    "C1E": "C1E (poids lourd jusqu’à 7,5 t et remorque)",
    "D1": "D1 (transport de 16 personnes)",
    "D1E": "D1E (transport de 16 personnes et remorque)",
    "DE": "DE (transport de personnes et remorque)",
}
# Former categories: « EB - Véhicule léger + remorque » is today's BE. « B mention
# 79.06 » limits a BE, as its own label says: « (= EB) ».
FORMER_PERMITS = {"EB": "BE", "EC": "CE", "ED": "DE", "B79": "BE", "B7906": "BE"}
PERMIT = re.compile(r"(\w{1,3})\b(?: MENTION (\d[\d.]*))?")

# « Aucune formation scolaire » to « Bac+5 »: levels of the national framework of
# certifications (décret 2019-14, art. D. 6113-19 of the Code du travail), where a CAP
# is 3 and a master 7. School left without a diploma has no level there: 0 and 2 here.
TRAINING_LEVELS = [
    (0, re.compile(r"aucune", re.IGNORECASE)),
    (7, re.compile(r"bac\s*\+\s*[5-8]", re.IGNORECASE)),
    (6, re.compile(r"bac\s*\+\s*[34]", re.IGNORECASE)),
    (5, re.compile(r"bac\s*\+\s*2", re.IGNORECASE)),
    (3, re.compile(r"\b(?:cap|bep)\b", re.IGNORECASE)),
    (4, re.compile(r"\bbac", re.IGNORECASE)),
    (2, re.compile(r"brevet|bepc|3\s*[eè]me|4\s*[eè]me", re.IGNORECASE)),
]

SKILL_CODE = re.compile(r"\d{1,9}", re.ASCII)
CADRE = "9"
OTHER_QUALIFICATIONS = {"1", "2", "3", "4", "5", "6", "7", "8"}


@lru_cache(maxsize=512)
def read_permit(label: str) -> str | None:
    """Return the category, ``C`` for a « Poids lourd »."""
    found = PERMIT.match(label.upper())
    if not found:
        return None
    code = found[1] + (found[2] or "").replace(".", "")
    code = FORMER_PERMITS.get(code, code)
    return code if code in PERMITS else None


def read_permits(details: Mapping[str, Any]) -> list[str] | None:
    codes = (read_permit(need.get("libelle", "")) for need in details.get("permis", ()))
    return sorted({code for code in codes if code}) or None


def read_skills(details: Mapping[str, Any]) -> list[int] | None:
    codes = (skill.get("code", "") for skill in details.get("competences", ()))
    return sorted({int(code) for code in codes if SKILL_CODE.fullmatch(code)}) or None


@lru_cache(maxsize=512)
def read_level(label: str) -> int | None:
    """Return 3 for « CAP, BEP et équivalents »."""
    levels = (level for level, words in TRAINING_LEVELS if words.search(label))
    return next(levels, None)


def read_training(details: Mapping[str, Any]) -> int | None:
    """Return the lowest level named, which is enough to apply."""
    labels = (part.get("niveauLibelle", "") for part in details.get("formations", ()))
    levels = (read_level(label) for label in labels)
    return min((level for level in levels if level is not None), default=None)


def read_is_cadre(details: Mapping[str, Any]) -> bool | None:
    code = details.get("qualificationCode", "")
    if code == CADRE:
        return True
    return False if code in OTHER_QUALIFICATIONS else None


DIVISION = re.compile(r"(\d\d)(?:\.?\d\d[A-Z])?", re.ASCII)
# « origineOffre.origine » of the API.
FRANCE_TRAVAIL, PARTNER = "1", "2"


def read_adapted(details: Mapping[str, Any]) -> bool | None:
    """Return whether it is an *entreprise adaptée*, from two places."""
    places = (details.get("entreprise", {}), details)
    flags = [place.get("entrepriseAdaptee") for place in places]
    said = [flag for flag in flags if flag is not None]
    return any(said) if said else None


def read_sector(details: Mapping[str, Any]) -> str:
    """Return the NAF's division, 43 for « 43.99C »."""
    for key in ("secteurActivite", "codeNAF"):
        if found := DIVISION.fullmatch(details.get(key, "").strip().upper()):
            return found[1]
    return ""


def read_is_from_partner(details: Mapping[str, Any]) -> bool | None:
    origin = details.get("origineOffre", {}).get("origine", "")
    return {FRANCE_TRAVAIL: False, PARTNER: True}.get(origin)
