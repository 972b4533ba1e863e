"""Contract, hours, pay, and what the employer asks for."""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from offers.payload.text import clean_line
from opus.lib.french import plain

CONTRACTS = {
    "CDI": "CDI",
    "CDD": "CDD",
    "MIS": "Intérim",
    "SAI": "Saisonnier",
    "CCE": "Profession commerciale",
    "FRA": "Franchise",
    "LIB": "Profession libérale",
    "REP": "Reprise d’entreprise",
    "TTI": "Intérim insertion",
    "DDI": "CDD insertion",
    "DIN": "CDI intérimaire",
    "DDT": "CDD tremplin",
}
# Tried in turn on the label if a payload has no code; the narrower come first.
CONTRACT_WORDS = [
    ("DIN", r"cdi int[ée]rim"),
    ("TTI", r"int[ée]rim\w* insertion"),
    ("DDT", r"tremplin"),
    ("DDI", r"insertion"),
    ("SAI", r"saison"),
    ("MIS", r"int[ée]rim"),
    ("CDI", r"cdi\b|ind[ée]termin[ée]e"),
    ("CDD", r"cdd\b|d[ée]termin[ée]e"),
    ("CCE", r"commerciale"),
    ("FRA", r"franchise"),
    ("LIB", r"lib[ée]rale"),
    ("REP", r"reprise"),
]
DURATION = re.compile(r"(\d{1,4})\s*(mois|jour)", re.IGNORECASE)
DAYS_PER_MONTH = 30


@lru_cache(maxsize=4_096)
def read_contract(code: str, label: str) -> tuple[str, str, str]:
    """Return (code, label with duration, months); the code wins.

    Without a code, « Contrat à durée indéterminée - 6 Mois » is a CDD: it has an end.
    """
    label = clean_line(label, 120)
    duration = months = ""
    if found := DURATION.search(label):
        number, unit = int(found[1]), found[2].lower()
        plural = "s" if unit == "jour" and number > 1 else ""
        duration = f" - {number} {unit}{plural}"
        months = str(number if unit == "mois" else round(number / DAYS_PER_MONTH, 1))
    code = code.strip().upper()
    if not re.fullmatch(r"[A-Z]{2,3}", code):
        words = (
            known
            for known, word in CONTRACT_WORDS
            if re.search(word, label, re.IGNORECASE)
        )
        code = next(words, "")
        if code == "CDI" and duration:
            code = "CDD"
    name = CONTRACTS.get(code)
    return code, f"{name}{duration}" if name else label, months


NATURES = {
    "E1": "Contrat travail",
    "E2": "Contrat apprentissage",
    "FA": "Act. Formation pré.recrut.",
    "FJ": "Contrat pacte",
    "FS": "Cont. professionnalisation",
    "FT": "CUI - CAE",
    "FU": "CUI - CIE",
    "FV": "Prépa.opérationnel.emploi",
    "FW": "Emploi Avenir non marchand",
    "FX": "Emploi Avenir marchand",
    "FY": "Emploi Avenir Professeur",
    "I1": "Insertion par l’activ.éco.",
    "NS": "Emploi non salarié",
    "PS": "Portage salarial",
    "PR": "Contrat PrAB",
    "CC": "CDI de chantier ou d’opération",
    "CU": "Contrat d’usage",
    "CI": "Contrat intermittent",
    "EE": "Contrat d’Engagement Educatif",
    "ER": "Engagement à servir dans la réserve",
}


NATURE_OF_LABEL = {plain(label): code for code, label in NATURES.items()}


@lru_cache(maxsize=512)
def read_nature(value: str) -> tuple[str, str]:
    label = clean_line(value, 80)
    code = label.upper() if label.upper() in NATURES else None
    code = code or NATURE_OF_LABEL.get(plain(label), "")
    return code, NATURES.get(code, label)


HOURS = re.compile(r"(\d{1,2})\s*h(?:eures?)?\s*(\d{1,2})?(?![\d:])", re.IGNORECASE)
PART_TIME = re.compile(r"temps\s+partiel", re.IGNORECASE)
FULL_TIME = re.compile(r"temps\s+(?:plein|complet)", re.IGNORECASE)
LEGAL_WEEK = 35
MOST_HOURS = 60


@lru_cache(maxsize=4_096)
def read_hours(label: str, converted: str) -> tuple[bool | None, Decimal | None]:
    """Return (full-time, hours a week), each None if unknown."""
    hours = None
    if found := HOURS.search(label):
        minutes = int(found[2] or 0)
        hours = Decimal(int(found[1])) + Decimal(minutes) / 60
        hours = hours.quantize(Decimal("0.01"))
        if minutes > 59 or not 0 < hours <= MOST_HOURS:
            hours = None
    for text in (converted, label):
        if PART_TIME.search(text):
            return False, hours
        if FULL_TIME.search(text):
            return True, hours
    return (None if hours is None else hours >= LEGAL_WEEK), hours


PERIODS = {"horaire": "H", "mensuel": "M", "annuel": "A"}
# Wider than any wage: other values were typed into the wrong box.
SOUND_PAY = {"H": (5, 500), "M": (100, 50_000), "A": (1_200, 600_000)}
PAY = re.compile(
    r"(horaire|mensuel|annuel)\s+de\s+([\d.,\s]+?)\s*(?:€|euros?)"
    r"(?:\s+à\s+([\d.,\s]+?)\s*(?:€|euros?))?",
    re.IGNORECASE,
)


WEEK_OF_PAY = Decimal(35)
WEEKS_PER_YEAR = Decimal(52)
MONTHS_PER_YEAR = Decimal(12)


@lru_cache(maxsize=4_096)
def read_pay(label: str) -> tuple[str, str, str] | None:
    """Return (least, most, ``H`` / ``M`` / ``A``), if credible."""
    found = PAY.search(label)
    if not found:
        return None
    period = PERIODS[found[1].lower()]
    low, high = SOUND_PAY[period]
    amounts = []
    for text in (found[2], found[3] or found[2]):
        digits = re.sub(r"\s", "", text).replace(",", ".")
        if not re.fullmatch(r"\d{1,7}(\.\d{1,3})?", digits):
            return None
        amounts.append(Decimal(digits).quantize(Decimal("0.01")))
    if not low <= amounts[0] <= amounts[1] <= high:
        return None
    return str(amounts[0]), str(amounts[1]), period


def yearly_pay(amount: str, period: str, weekly_hours: Decimal) -> Decimal:
    per_year = {
        "H": weekly_hours * WEEKS_PER_YEAR,
        "M": MONTHS_PER_YEAR,
        "A": Decimal(1),
    }
    return Decimal(amount) * per_year[period]


def monthly_pay(
    details: Mapping[str, Any], weekly_hours: Decimal | None, full_time: bool | None
) -> tuple[int | None, int | None]:
    """Return (least, most) in gross euros a month.

    A full-time or unknown week has 35 hours.
    """
    pay = details.get("salaire", {})
    hours = weekly_hours or (None if full_time is False else WEEK_OF_PAY)
    period = pay.get("periode", "")
    if not period or (hours is None and period == "H"):
        return None, None
    week = hours or WEEK_OF_PAY
    least, most = (
        (yearly_pay(pay[key], period, week) / 12).quantize(Decimal(1), ROUND_HALF_UP)
        for key in ("minimum", "maximum")
    )
    return int(least), int(most)


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


@lru_cache(maxsize=512)
def read_level(label: str) -> int | None:
    """Return 3 for « CAP, BEP et équivalents »."""
    levels = (level for level, words in TRAINING_LEVELS if words.search(label))
    return next(levels, None)


DIVISION = re.compile(r"(\d\d)(?:\.?\d\d[A-Z])?", re.ASCII)
# « origineOffre.origine » of the API.
FRANCE_TRAVAIL, PARTNER = "1", "2"


def read_needs(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return by column what the employer asks for, and what it is."""
    permits = {read_permit(one.get("libelle", "")) for one in details.get("permis", ())}
    codes = [skill.get("code", "") for skill in details.get("competences", ())]
    labels = (part.get("niveauLibelle", "") for part in details.get("formations", ()))
    levels = [level for level in map(read_level, labels) if level is not None]
    qualification = details.get("qualificationCode", "")
    is_known = qualification == CADRE or qualification in OTHER_QUALIFICATIONS
    # An *entreprise adaptée* is said in two places.
    flags = [
        place.get("entrepriseAdaptee")
        for place in (details.get("entreprise", {}), details)
    ]
    said = [flag for flag in flags if flag is not None]
    sectors = (details.get(key, "") for key in ("secteurActivite", "codeNAF"))
    divisions = (DIVISION.fullmatch(one.strip().upper()) for one in sectors)
    origin = details.get("origineOffre", {}).get("origine", "")
    return {
        "permits": sorted(code for code in permits if code) or None,
        "skills": sorted({int(one) for one in codes if SKILL_CODE.fullmatch(one)})
        or None,
        # The lowest level named is enough to apply.
        "training": min(levels, default=None),
        "is_cadre": qualification == CADRE if is_known else None,
        "adapted": any(said) if said else None,
        "handi_engaged": details.get("employeurHandiEngage"),
        # 43 for « 43.99C ».
        "sector": next((found[1] for found in divisions if found), ""),
        "from_partner": {FRANCE_TRAVAIL: False, PARTNER: True}.get(origin),
    }
