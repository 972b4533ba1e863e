from collections.abc import Callable, Mapping
from typing import Any

from offers.payload.contract import read_contract
from offers.payload.parts import object_of, text_of
from offers.payload.pay import read_pay
from offers.payload.text import as_flag, as_line, as_link, as_text, clean_line

MAX_ITEMS = 60

type Shape = Callable[[Any], Any] | dict[str, Shape] | list[Shape]

SKILL: Shape = {"code": as_line, "libelle": as_line, "exigence": as_line}
NEED: Shape = {"libelle": as_line, "exigence": as_line}
DIPLOMA = ("codeFormation", "domaineLibelle", "niveauLibelle", "commentaire")
ADDRESS = ("coordonnees1", "coordonnees2", "coordonnees3", "courriel", "commentaire")
FLAGS = ("alternance", "entrepriseAdaptee", "employeurHandiEngage")
LINES = (
    *("dureeTravailLibelleConverti", "complementExercice", "conditionExercice"),
    *("deplacementCode", "deplacementLibelle", "qualificationCode"),
    *("qualificationLibelle", "codeNAF", "secteurActivite", "secteurActiviteLibelle"),
    "trancheEffectifEtab",
)
DETAILS: dict[str, Shape] = {
    "entreprise": {
        "nom": as_line,
        "description": as_text,
        **dict.fromkeys(("logo", "url"), as_link),
        "entrepriseAdaptee": as_flag,
    },
    "competences": [SKILL],
    "qualitesProfessionnelles": [{"libelle": as_line, "description": as_text}],
    "formations": [dict.fromkeys((*DIPLOMA, "exigence"), as_line)],
    "langues": [NEED],
    "permis": [NEED],
    "outilsBureautiques": [as_line],
    "salaire": {
        "libelle": as_line,
        "commentaire": as_text,
        **dict.fromkeys(("complement1", "complement2"), as_line),
        "listeComplements": [{"code": as_line, "libelle": as_line}],
    },
    "contact": {
        **dict.fromkeys(("nom", "telephone"), as_line),
        **dict.fromkeys(ADDRESS, as_text),
        **dict.fromkeys(("urlRecruteur", "urlPostulation"), as_link),
    },
    "agence": {"telephone": as_line, "courriel": as_text},
    "contexteTravail": {"horaires": [as_line], "conditionsExercice": [as_line]},
    "origineOffre": {
        "origine": as_line,
        "urlOrigine": as_link,
        "partenaires": [{"nom": as_line, "url": as_link, "logo": as_link}],
    },
    **dict.fromkeys(("dureeTravailLibelle", "experienceCommentaire"), as_text),
    **dict.fromkeys(LINES, as_line),
    **dict.fromkeys(FLAGS, as_flag),
}


def keep(value: Any, shape: Shape) -> Any:
    """Return the parts of a value of this shape, cleaned."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return None
        kept = ((key, keep(value[key], shape[key])) for key in shape if key in value)
        return {key: part for key, part in kept if part not in ("", None)} or None
    if isinstance(shape, list):
        if not isinstance(value, list):
            return None
        parts = (keep(part, shape[0]) for part in value[:MAX_ITEMS])
        return [part for part in parts if part not in ("", None)] or None
    return shape(value)


def read_details(data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Return (details of the page, skills as searchable text)."""
    details: dict[str, Any] = keep(data, DETAILS) or {}
    pay = text_of(object_of(data, "salaire"), "libelle")
    if amounts := read_pay(clean_line(pay)):
        names = ("minimum", "maximum", "periode")
        details["salaire"] |= zip(names, amounts, strict=True)
    if months := read_contract("", text_of(data, "typeContratLibelle"))[2]:
        details["dureeContratMois"] = months
    skills = [
        part["libelle"]
        for key in ("competences", "qualitesProfessionnelles", "langues", "permis")
        for part in details.get(key, [])
        if "libelle" in part
    ]
    return details, " ; ".join(skills)
