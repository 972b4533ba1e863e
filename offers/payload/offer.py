"""Read an offer: its content, the details of its page, its mode."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from offers.payload import contract
from offers.payload.contacts import find_contacts, texts_of
from offers.payload.place import Placement, read_place
from offers.payload.text import (
    UnsoundOffer,
    as_flag,
    as_line,
    as_link,
    as_text,
    clean_line,
    clean_text,
    count_of,
    demand_sound_json,
    flag_of,
    object_of,
    read_dates,
    read_reference,
    text_of,
)

SAFIR_CODE = re.compile(r"\d{5}", re.ASCII)

AGENCY_NAME = re.compile(
    r"(?:agence|relais|site)?\s*(?:france[ -]travail|p[ôo]le[ -]emploi)\b",
    re.IGNORECASE,
)
OWN_SITES = re.compile(r"^https?://[\w.-]*\b(?:francetravail|pole-emploi)\.fr(?:/|$)")
LINK = re.compile(r"https?://\S+", re.IGNORECASE)
MAIL = re.compile(r"[^\s@]+@[^\s@]+\.\w+")


@dataclass(frozen=True, slots=True)
class OfferMode:
    """Published, preselected or delegated: decides the acts of article 3.2.

    ``is_declared``: by the ``opus`` object; else inferred.
    """

    published: bool
    preselection: bool
    delegated: bool
    agency_safir: str
    posts_left: int | None
    is_declared: bool


def infer_preselection(contact: Mapping[str, Any]) -> bool:
    """Guess whether France Travail preselects, which the API omits.

    The sign is an agency as contact, and only France Travail's site to apply.
    """
    if not AGENCY_NAME.match(as_line(contact.get("nom"))):
        return False
    if as_line(contact.get("telephone")) or as_link(contact.get("urlPostulation")):
        return False
    lines = [as_text(contact.get(f"coordonnees{n}")) for n in (1, 2, 3)]
    lines += [as_text(contact.get(key)) for key in ("courriel", "urlRecruteur")]
    for line in lines:
        if MAIL.search(line) or not all(map(OWN_SITES.match, LINK.findall(line))):
            return False
    return True


def read_mode(data: Mapping[str, Any]) -> OfferMode:
    """Read ``opus``, else the contact. Raises UnsoundOffer."""
    if data.get("opus") is None:
        preselection = infer_preselection(object_of(data, "contact"))
        return OfferMode(True, preselection, False, "", None, is_declared=False)
    opus = object_of(data, "opus")
    preselection = bool(flag_of(opus, "preselection"))
    safir = opus.get("agenceGestionnaire")
    known = isinstance(safir, str) and SAFIR_CODE.fullmatch(safir)
    return OfferMode(
        published=flag_of(opus, "publiee") is not False,
        preselection=preselection,
        # Without preselection there is nothing to delegate (art. 3.2).
        delegated=preselection and bool(flag_of(opus, "delegationMiseEnRelation")),
        # An invalid agency does not reject the offer: it has no agency then.
        agency_safir=safir if isinstance(safir, str) and known else "",
        posts_left=count_of(opus, "postesRestants"),
        is_declared=True,
    )


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
    if amounts := contract.read_pay(clean_line(pay)):
        names = ("minimum", "maximum", "periode")
        details["salaire"] |= zip(names, amounts, strict=True)
    if months := contract.read_contract("", text_of(data, "typeContratLibelle"))[2]:
        details["dureeContratMois"] = months
    skills = [
        part["libelle"]
        for key in ("competences", "qualitesProfessionnelles", "langues", "permis")
        for part in details.get(key, [])
        if "libelle" in part
    ]
    return details, " ; ".join(skills)


# Part of every hash: raise it when this reader gives other columns than before.
READER_VERSION = "1"

ROME_CODE = re.compile(r"[A-N]\d{4}", re.ASCII)

MAX_DESCRIPTION = 20_000

CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class OfferContent:
    reference: str
    title: str
    description: str
    created_at: datetime
    updated_at: datetime
    rome_code: str
    rome_label: str
    appellation: str
    company: str
    contract: str
    contract_label: str
    nature: str
    nature_label: str
    experience: str
    experience_label: str
    hours_label: str
    weekly_hours: Decimal | None
    full_time: bool | None
    salary_label: str
    posts: int | None
    accessible_th: bool | None
    few_candidates: bool | None
    permits: list[str] | None
    skills: list[int] | None
    training: int | None
    is_cadre: bool | None
    pay_least: int | None
    pay_most: int | None
    contract_months: Decimal | None
    adapted: bool | None
    handi_engaged: bool | None
    sector: str
    from_partner: bool | None
    place: Placement
    mode: OfferMode
    skills_text: str
    details: dict[str, Any] = field(repr=False)
    contacts: list[str] | None = field(repr=False)
    content_hash: bytes = field(repr=False)
    # When its mode was declared, by the date of the content that carried it.
    mode_at: datetime | None = None


def hash_content(data: Mapping[str, Any]) -> bytes:
    """Return 16 bytes that identify the content, in any layout.

    ``opus`` is excluded: it is compared by column. Raises UnsoundOffer: too nested.
    """
    content = {key: value for key, value in data.items() if key != "opus"}
    try:
        text = CANONICAL.encode(content)
    except RecursionError as error:
        raise UnsoundOffer("Objet JSON trop profond.") from error
    return hashlib.blake2b((READER_VERSION + text).encode(), digest_size=16).digest()


def read_offer(data: Any, *, received_at: datetime | None = None) -> OfferContent:
    """Read an offer of the API; raise UnsoundOffer in French.

    ``received_at`` replaces missing dates: an event has its time, a file has none.
    """
    data = demand_sound_json(data)
    reference = read_reference(data)
    title = clean_line(text_of(data, "intitule"))
    if not title:
        raise UnsoundOffer("« intitule » manque.")
    created_at, updated_at = read_dates(data, received_at)
    contract_code, contract_label, _ = contract.read_contract(
        text_of(data, "typeContrat"), text_of(data, "typeContratLibelle")
    )
    nature, nature_label = contract.read_nature(text_of(data, "natureContrat"))
    hours_label = text_of(data, "dureeTravailLibelle")
    converted = text_of(data, "dureeTravailLibelleConverti")
    full_time, weekly_hours = contract.read_hours(hours_label, converted)
    experience = text_of(data, "experienceExige").strip().upper()
    rome_code = text_of(data, "romeCode").strip().upper()
    details, skills_text = read_details(data)
    pay_least, pay_most = contract.monthly_pay(details, weekly_hours, full_time)
    months = details.get("dureeContratMois")
    mode = read_mode(data)
    description = clean_text(text_of(data, "description"), MAX_DESCRIPTION)
    rome_label = clean_line(text_of(data, "romeLibelle"), 200)
    appellation = clean_line(text_of(data, "appellationlibelle"), 200)
    experience_label = clean_line(text_of(data, "experienceLibelle"), 120)
    place = read_place(object_of(data, "lieuTravail"))
    # Company, hours and pay are among the details.
    texts = (title, description, rome_label, appellation, contract_label, nature_label)
    labels = (experience_label, place.label)
    contacts = find_contacts((*texts, *labels, *texts_of(details)))
    return OfferContent(
        reference=reference,
        title=title,
        description=description,
        created_at=created_at,
        updated_at=updated_at,
        rome_code=rome_code if ROME_CODE.fullmatch(rome_code) else "",
        rome_label=rome_label,
        appellation=appellation,
        company=clean_line(text_of(object_of(data, "entreprise"), "nom"), 200),
        contract=contract_code,
        contract_label=contract_label,
        nature=nature,
        nature_label=nature_label,
        experience=experience if experience in {"D", "S", "E"} else "",
        experience_label=experience_label,
        hours_label=clean_line(hours_label or converted, 120),
        weekly_hours=weekly_hours,
        full_time=full_time,
        salary_label=clean_line(text_of(object_of(data, "salaire"), "libelle"), 200),
        # Upstream writes 0 for an empty box.
        posts=count_of(data, "nombrePostes") or None,
        accessible_th=flag_of(data, "accessibleTH"),
        few_candidates=flag_of(data, "offresManqueCandidats"),
        **contract.read_needs(details),
        pay_least=pay_least,
        pay_most=pay_most,
        contract_months=Decimal(months) if months else None,
        place=place,
        mode=mode,
        mode_at=updated_at if mode.is_declared else None,
        skills_text=skills_text,
        details=details,
        contacts=contacts or None,
        content_hash=hash_content(data),
    )
