from typing import Any
from zlib import crc32

from demo.synthetic.domains import Domain
from demo.synthetic.market import Trade
from demo.synthetic.randomness import Dice

# Shares of 7 559 real offers, rounded.
TRAINED, QUALIFIED, IN_A_SECTOR = 0.15, 0.5, 0.55
FROM_PARTNER = 0.45
TELLS_OF_ENGAGEMENT, ENGAGED, ADAPTED = 0.25, 0.2, 0.015
NARROWER_NAME = 0.3

LEVELS = (
    "Aucune formation scolaire",
    "CAP, BEP et équivalents",
    "CAP, BEP et équivalents",
    "Bac ou équivalent",
    "Bac+2 ou équivalents",
    "Bac+3, Bac+4 ou équivalents",
    "Bac+5 et plus ou équivalents",
)
QUALIFICATIONS = (
    ("2", "Ouvrier spécialisé"),
    ("3", "Ouvrier qualifié (P1,P2)"),
    ("5", "Employé non qualifié"),
    ("6", "Employé qualifié"),
    ("6", "Employé qualifié"),
    ("7", "Technicien"),
    ("8", "Agent de maîtrise"),
    ("9", "Cadre"),
)
# Divisions of the NAF that hire for a great family of ROME.
DIVISIONS = {
    "A": ("01", "81"), "B": ("32", "90"), "C": ("64", "65", "68"), "D": ("46", "47"),
    "E": ("18", "59", "73"), "F": ("41", "43"), "G": ("55", "56"),
    "H": ("10", "25", "28"), "I": ("33", "45"), "J": ("86", "87"),
    "K": ("81", "84", "85", "88"), "L": ("90", "93"), "M": ("62", "69", "70"),
    "N": ("49", "52", "53"),
}  # fmt: skip
NAMES = ("polyvalent / polyvalente", "qualifié / qualifiée", "débutant / débutante")
PARTNERS = ("EMPLOI FICTIF", "ANNONCES D’ESSAI", "JOBS DE DÉMONSTRATION")


def add_profile(
    dice: Dice, offer: dict[str, Any], domain: Domain, trade: Trade
) -> None:
    if dice.happens(NARROWER_NAME):
        offer["appellationlibelle"] = f"{trade.label} {dice.pick(NAMES)}"
    for skill in offer["competences"]:
        skill["code"] = code_of(skill["libelle"])
    if domain.diploma or dice.happens(TRAINED):
        offer["formations"] = [
            {"niveauLibelle": dice.pick(LEVELS), "exigence": dice.pick("ES")}
        ]
    if dice.happens(QUALIFIED):
        code, label = dice.pick(QUALIFICATIONS)
        offer |= {"qualificationCode": code, "qualificationLibelle": label}
    if dice.happens(IN_A_SECTOR):
        offer["secteurActivite"] = dice.pick(DIVISIONS[trade.code[0]])
    if dice.happens(ADAPTED):
        offer["entreprise"]["entrepriseAdaptee"] = True
    if dice.happens(TELLS_OF_ENGAGEMENT):
        offer["employeurHandiEngage"] = dice.happens(ENGAGED)
    if dice.happens(FROM_PARTNER):
        partner = {"nom": dice.pick(PARTNERS), "url": "https://offres.example/"}
        offer["origineOffre"] |= {"origine": "2", "partenaires": [partner]}


def code_of(skill: str) -> str:
    """Return six stable digits that are no real code."""
    return str(100_000 + crc32(skill.encode()) % 900_000)
