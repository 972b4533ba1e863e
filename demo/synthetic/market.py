import re
from itertools import accumulate
from typing import NamedTuple

from offers.reference.places import DATA, Place, french_gazetteer
from opus.lib.french_regions import read_rows

# Trades that make most of the market, and how much likelier than the others they are.
COMMON_TRADES = {
    "K1304": 260, "K1302": 200, "J1501": 220, "J1506": 150, "K1303": 120,
    "G1602": 200, "G1603": 150, "G1605": 80, "G1803": 190, "G1501": 90,
    "D1106": 180, "D1507": 120, "D1505": 60, "D1402": 70, "D1403": 70,
    "N1101": 130, "N1103": 170, "N1105": 150, "N4101": 140, "N4105": 120,
    "F1703": 140, "F1602": 130, "F1603": 120, "F1606": 90, "F1704": 60,
    "H2913": 80, "H2102": 90, "H3302": 70, "I1304": 140, "I1604": 100,
    "K2204": 240, "A1203": 90, "A1405": 60, "A1401": 60, "M1607": 130,
    "M1203": 110, "M1601": 80, "M1805": 80, "M1501": 50, "K1207": 70,
    "K2503": 90, "C1102": 40, "E1205": 20, "L1401": 10, "B1802": 15,
}  # fmt: skip

# (code, current label, former label, nature, frequency)
CONTRACTS = (
    ("CDI", "CDI", "Contrat à durée indéterminée", "Contrat travail", 430),
    ("CDD", "CDD", "Contrat à durée déterminée", "Contrat travail", 240),
    ("MIS", "Intérim", "Mission intérimaire", "Contrat travail", 200),
    ("SAI", "Saisonnier", "Contrat travail saisonnier", "Contrat travail", 40),
    ("CDD", "CDD", "Contrat à durée déterminée", "Contrat apprentissage", 35),
    ("CDD", "CDD", "Contrat à durée déterminée", "Cont. professionnalisation", 15),
    ("LIB", "Profession libérale", "Profession libérale", "Emploi non salarié", 12),
    ("DDI", "CDD Insertion", "CDD Insertion", "Insertion par l'activ.éco.", 14),
    ("CDD", "CDD", "Contrat à durée déterminée", "CUI - CAE", 6),
    ("CDI", "CDI", "CDI", "CDI de chantier ou d'opération", 4),
    ("DIN", "CDI Intérimaire", "CDI Intérimaire", "Contrat travail", 2),
    ("FRA", "Franchise", "Franchise", "Emploi non salarié", 2),
)
LASTING = {"CDI", "LIB", "DIN", "FRA"}
FULL_WEEKS = ("35H", "35H", "35H", "37H", "39H", "35H30")
PART_WEEKS = ("20H", "24H", "28H", "30H", "17H30", "10H")


# ROME leaves the accent of a capital out: « Educateur », but « Ergonome ».
BARE_E = re.compile(r"\bE(?=(?:ch|[bcdfglpqtv])[aeéiloruy])")


class Trade(NamedTuple):
    code: str
    label: str
    title: str
    job: str


def read_trades() -> tuple[list[Trade], list[int]]:
    trades, weights = [], []
    for row in read_rows(DATA / "rome.csv"):
        label = row["label"]
        trades.append(Trade(row["code"], label, f"{label} (H/F)", job_of(label)))
        weights.append(COMMON_TRADES.get(row["code"], 1))
    return trades, list(accumulate(weights))


def job_of(label: str) -> str:
    """Return « hôte » for « Hôte / Hôtesse »."""
    label = BARE_E.sub("É", label).replace("'", "’")
    label = re.sub(r" *\(.*?\)| -[A-Z]+-", "", label)
    job, _, feminine = label.partition(" / ")
    # What follows the feminine belongs to both.
    tail = feminine.split()[len(job.split()) :]
    job = " ".join([job, *tail])
    return job if job[:2].isupper() else job[0].lower() + job[1:]


def read_towns() -> tuple[list[Place], list[int]]:
    """Return communes without arrondissement, weighed by inhabitants."""
    towns, weights = [], []
    for place in french_gazetteer():
        if place.point is None or place.code in {"75056", "13055", "69123"}:
            continue
        towns.append(place)
        weights.append(max(place.population, 20))
    return towns, list(accumulate(weights))
