import re
from decimal import Decimal
from functools import lru_cache

from offers.payload.text import clean_line

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


def letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())


NATURE_OF_LABEL = {letters(label): code for code, label in NATURES.items()}


@lru_cache(maxsize=512)
def read_nature(value: str) -> tuple[str, str]:
    label = clean_line(value, 80)
    code = label.upper() if label.upper() in NATURES else None
    code = code or NATURE_OF_LABEL.get(letters(label), "")
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
