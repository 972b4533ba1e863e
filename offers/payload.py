"""Reads one offer as France Travail writes it: JSON in, columns out, no database.

The shape is that of the public API "Offres d'emploi v2", with an optional ``opus``
object beside (docs: the offers feed). Twenty years of upstream writers left traps:
swapped coordinates, three date formats, HTML in texts, labels that changed, communes
that no longer exist. They are put right here, once, for the feed, the poll and files.
"""

import hashlib
import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from offers.gazetteer import Gazetteer, Place, distance_km
from offers.models import PlaceSource
from opus.lib.territory import Department, department_of_postcode, departments

# Part of every hash: raise it when this reader gives other columns than before.
READER_VERSION = "1"

REFERENCE = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,19}")
ROME_CODE = re.compile(r"[A-N]\d{4}")
SAFIR_CODE = re.compile(r"\d{5}")
COMMUNE_CODE = re.compile(r"\d[0-9AB]\d{3}")
POSTCODE = re.compile(r"\d{5}")

MAX_DESCRIPTION = 20_000
MAX_LINE = 300
MAX_TEXT = 4_000
MAX_ITEMS = 60
MAX_POSTS = 9_999

# Beyond this from its own commune (or its department's prefecture), a point is a slip.
COMMUNE_REACH_KM = 100.0
DEPARTMENT_REACH_KM = 350.0

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


class UnsoundOffer(ValueError):
    """This JSON is no offer that Opus can show; the reason is in French."""


@dataclass(frozen=True, slots=True)
class OfferMode:
    """What decides of the acts of article 3.2, and where it comes from.

    ``is_declared``: by the ``opus`` object of the payload; else inferred from it.
    """

    published: bool
    preselection: bool
    delegated: bool
    agency_safir: str
    posts_left: int | None
    is_declared: bool


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an offer is: codes as far as they are known, a point where there is one."""

    label: str
    commune_code: str
    postcode: str
    department: str
    region: str
    latitude: float | None
    longitude: float | None
    source: PlaceSource


@dataclass(frozen=True, slots=True)
class OfferContent:
    """One offer, read and cleaned: the columns of its row."""

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
    place: Placement
    mode: OfferMode
    skills_text: str
    details: dict[str, Any] = field(repr=False)
    content_hash: bytes = field(repr=False)


# --- Texts -----------------------------------------------------------------------

ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
# Known tags only: « salaire < 2000 » and « <https://…> » are prose.
BLOCK_TAGS = "p|div|ul|ol|h[1-6]|table|tbody|thead|tr|section|article|blockquote|hr|pre"
INLINE_TAGS = (
    "b|i|u|s|em|strong|small|big|sup|sub|span|font|a|li|img|td|th|label|center|o:p"
)
UNSEEN = re.compile(
    r"<(script|style)\b[^<>]*>.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL
)
LINE_BREAK = re.compile(r"<br\b[^<>]*>", re.IGNORECASE)
LIST_ITEM = re.compile(r"<li\b[^<>]*>", re.IGNORECASE)
BLOCK = re.compile(rf"</?(?:{BLOCK_TAGS})\b[^<>]*>", re.IGNORECASE)
INLINE = re.compile(rf"</?(?:{INLINE_TAGS}|script|style)\b[^<>]*>", re.IGNORECASE)
# Controls, and marks that turn or hide text: a title must read as it is stored.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)
BLANK_LINES = re.compile(r"\n{3,}")


def clean_text(text: str, limit: int) -> str:
    """Plain text with its line breaks, out of text, HTML or escaped HTML."""
    # Upstream caps at 5 000 characters; the margin is for mark-up.
    text = text[: 4 * limit]
    if "&" in text:
        text = ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    if "<" in text:
        text = UNSEEN.sub(" ", text)
        text = LINE_BREAK.sub("\n", text)
        text = LIST_ITEM.sub("\n- ", text)
        text = BLOCK.sub("\n", text)
        text = INLINE.sub("", text)
    if "&" in text:
        text = ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = [" ".join(line.split()) for line in text.split("\n")]
    text = "\n".join(
        line if line.isprintable() else INVISIBLE.sub("", line).strip()
        for line in lines
    )
    text = BLANK_LINES.sub("\n\n", text).strip()
    return text[:limit].rstrip()


@lru_cache(maxsize=4_096)
def clean_line(text: str, limit: int = MAX_LINE) -> str:
    """A text of one line: a title, a label, a name."""
    return " ".join(clean_text(text, limit).split())


def clean_link(text: str) -> str:
    """A web address that may become a link, else nothing."""
    link = clean_line(text, 2_000)
    return link if re.fullmatch(r"https?://[^\s\"'<>\\]+", link, re.IGNORECASE) else ""


# --- Details, kept for display under the API's own names ---------------------------

type Shape = Callable[[Any], Any] | dict[str, Shape] | list[Shape]


def as_line(value: Any) -> str:
    return clean_line(value) if isinstance(value, str) else ""


def as_text(value: Any) -> str:
    return clean_text(value, MAX_TEXT) if isinstance(value, str) else ""


def as_link(value: Any) -> str:
    return clean_link(value) if isinstance(value, str) else ""


def as_flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


SKILL: Shape = {"code": as_line, "libelle": as_line, "exigence": as_line}
NEED: Shape = {"libelle": as_line, "exigence": as_line}
DETAILS: dict[str, Shape] = {
    "entreprise": {
        "nom": as_line,
        "description": as_text,
        "logo": as_link,
        "url": as_link,
        "entrepriseAdaptee": as_flag,
    },
    "competences": [SKILL],
    "qualitesProfessionnelles": [{"libelle": as_line, "description": as_text}],
    "formations": [
        {
            "codeFormation": as_line,
            "domaineLibelle": as_line,
            "niveauLibelle": as_line,
            "commentaire": as_line,
            "exigence": as_line,
        }
    ],
    "langues": [NEED],
    "permis": [NEED],
    "outilsBureautiques": [as_line],
    "salaire": {
        "libelle": as_line,
        "commentaire": as_text,
        "complement1": as_line,
        "complement2": as_line,
        "listeComplements": [{"code": as_line, "libelle": as_line}],
    },
    "contact": {
        "nom": as_line,
        "coordonnees1": as_text,
        "coordonnees2": as_text,
        "coordonnees3": as_text,
        "telephone": as_line,
        "courriel": as_text,
        "commentaire": as_text,
        "urlRecruteur": as_link,
        "urlPostulation": as_link,
    },
    "agence": {"telephone": as_line, "courriel": as_text},
    "contexteTravail": {"horaires": [as_line], "conditionsExercice": [as_line]},
    "origineOffre": {
        "origine": as_line,
        "urlOrigine": as_link,
        "partenaires": [{"nom": as_line, "url": as_link, "logo": as_link}],
    },
    "dureeTravailLibelle": as_text,
    "dureeTravailLibelleConverti": as_line,
    "experienceCommentaire": as_text,
    "complementExercice": as_line,
    "conditionExercice": as_line,
    "alternance": as_flag,
    "deplacementCode": as_line,
    "deplacementLibelle": as_line,
    "qualificationCode": as_line,
    "qualificationLibelle": as_line,
    "codeNAF": as_line,
    "secteurActivite": as_line,
    "secteurActiviteLibelle": as_line,
    "trancheEffectifEtab": as_line,
    "entrepriseAdaptee": as_flag,
    "employeurHandiEngage": as_flag,
}


def keep(value: Any, shape: Shape) -> Any:
    """What a value has of a shape, cleaned; what is empty or of another type goes."""
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


# --- Single columns ------------------------------------------------------------------


def text_of(data: Mapping[str, Any], key: str) -> str:
    """A text, empty where absent.

    Raises:
        UnsoundOffer: it is something else than a text.
    """
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UnsoundOffer(f"« {key} » : un texte est attendu.")
    return value


def object_of(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    """An object, empty where absent.

    Raises:
        UnsoundOffer: it is something else than an object.
    """
    value = data.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UnsoundOffer(f"« {key} » : un objet est attendu.")
    return value


def flag_of(data: Mapping[str, Any], key: str) -> bool | None:
    """A yes or a no, None where absent: silence is not a no.

    Raises:
        UnsoundOffer: it is something else than true or false.
    """
    value = data.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise UnsoundOffer(f"« {key} » : vrai ou faux est attendu.")


def count_of(data: Mapping[str, Any], key: str) -> int | None:
    """A whole number of posts, None where absent.

    Raises:
        UnsoundOffer: it is no whole number, negative or beyond reason.
    """
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnsoundOffer(f"« {key} » : un nombre entier est attendu.")
    if not 0 <= value <= MAX_POSTS:
        raise UnsoundOffer(f"« {key} » : {value} est hors limites.")
    return value


def read_date(text: str, key: str) -> datetime:
    """``2020-04-05T16:06:05+02:00``, ``…01.000Z`` and ``…44.737Z`` to UTC.

    A date without an offset is in UTC, as the API's are.

    Raises:
        UnsoundOffer: it is no date, or none that an offer can have.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(
            UTC
        )
    except (ValueError, OverflowError) as error:
        raise UnsoundOffer(f"« {key} » : date illisible.") from error
    if not EARLIEST <= moment < LATEST:
        raise UnsoundOffer(f"« {key} » : date invraisemblable.")
    return moment


def read_dates(
    data: Mapping[str, Any], received_at: datetime | None = None
) -> tuple[datetime, datetime]:
    """(created, updated). The second decides which of two contents is the newer.

    Raises:
        UnsoundOffer: a date is unsound, or there is none and nothing to fall back on.
    """
    created = text_of(data, "dateCreation")
    updated = text_of(data, "dateActualisation")
    if created or updated:
        first = read_date(created or updated, "dateCreation")
        return first, read_date(updated or created, "dateActualisation")
    if received_at is None:
        raise UnsoundOffer("Ni « dateCreation » ni « dateActualisation ».")
    return received_at, received_at


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
# Tried in turn on the label where a payload has no code; the narrower come first.
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
    """(code, label of today with the duration, months). The code wins over the label.

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
    """(code, label). The API gives a label; a code is understood, too."""
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
    """(full-time, hours a week), None where the labels do not say."""
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
# Wider than any wage: what lies outside was typed into the wrong box.
SOUND_PAY = {"H": (5, 500), "M": (100, 50_000), "A": (1_200, 600_000)}
PAY = re.compile(
    r"(horaire|mensuel|annuel)\s+de\s+([\d.,\s]+?)\s*(?:€|euros?)"
    r"(?:\s+à\s+([\d.,\s]+?)\s*(?:€|euros?))?",
    re.IGNORECASE,
)


@lru_cache(maxsize=4_096)
def read_pay(label: str) -> tuple[str, str, str] | None:
    """(least, most, ``H`` / ``M`` / ``A``), None where the label is not sound."""
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


# --- The place -----------------------------------------------------------------------


# (south, north, west, east) of France, for points that nothing else can vouch for.
FRENCH_BOXES = [
    (40.0, 52.0, -6.0, 10.0),  # metropole
    (14.0, 18.6, -63.5, -60.5),  # Antilles
    (1.5, 6.5, -55.5, -51.0),  # Guyane
    (-22.0, -20.5, 54.5, 56.5),  # La Réunion
    (-13.5, -12.0, 44.5, 45.6),  # Mayotte
    (46.4, 47.4, -57.0, -55.8),  # Saint-Pierre-et-Miquelon
    (-29.0, -7.0, -180.0, -133.0),  # Polynésie, Wallis-et-Futuna
    (-23.5, -17.5, 158.0, 172.5),  # Nouvelle-Calédonie
]
LABEL_PREFIX = re.compile(r"(\d{2,3}|2[AB])(?:\s*-\s*(.*))?", re.IGNORECASE | re.DOTALL)


def is_french(latitude: float, longitude: float) -> bool:
    return any(
        south <= latitude <= north and west <= longitude <= east
        for south, north, west, east in FRENCH_BOXES
    )


def read_degrees(place: Mapping[str, Any]) -> tuple[float, float] | None:
    """The two numbers as they were given, None where they cannot be degrees.

    Raises:
        UnsoundOffer: a coordinate is no number.
    """
    numbers = []
    for key in ("latitude", "longitude"):
        value = place.get(key)
        if value is None:
            return None
        if isinstance(value, str):
            try:
                value = float(value.replace(",", "."))
            except ValueError as error:
                raise UnsoundOffer(f"« {key} » : un nombre est attendu.") from error
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UnsoundOffer(f"« {key} » : un nombre est attendu.")
        if not -180 <= value <= 180:  # also false of infinities
            return None
        numbers.append(float(value))
    # The sea off Ghana is where a missing coordinate lands.
    if all(abs(number) < 0.01 for number in numbers):
        return None
    return numbers[0], numbers[1]


def settle_point(
    degrees: tuple[float, float] | None,
    landmark: tuple[float, float, float] | None,
) -> tuple[float, float, PlaceSource] | None:
    """The given point, turned round where it was swapped; None where it is no good.

    Args:
        landmark: latitude and longitude of the place that the offer names, and how
            many kilometres around it still count as there.
    """
    if degrees is None:
        return None
    straight = (*degrees, PlaceSource.GIVEN)
    swapped = (degrees[1], degrees[0], PlaceSource.SWAPPED)
    for point in (straight, swapped):
        if abs(point[0]) > 90:
            continue
        if landmark is None:
            if is_french(point[0], point[1]):
                return point
        elif distance_km(point[0], point[1], landmark[0], landmark[1]) <= landmark[2]:
            return point
    # An offer abroad keeps its point: nothing here can tell that it is wrong.
    return straight if landmark is None and abs(degrees[0]) <= 90 else None


def read_place(place: Mapping[str, Any], gazetteer: Gazetteer) -> Placement:
    """Places an offer by what it gives: commune, postcode, label, coordinates.

    Raises:
        UnsoundOffer: a part is of the wrong type.
    """
    label = clean_line(text_of(place, "libelle"), 120)
    code = text_of(place, "commune").strip().upper()
    postcode = text_of(place, "codePostal").strip()
    postcode = postcode if POSTCODE.fullmatch(postcode) else ""
    degrees = read_degrees(place)
    prefix = LABEL_PREFIX.fullmatch(label)
    department = departments().get(prefix[1].upper()) if prefix else None
    if department is None and postcode:
        department = department_of_postcode(postcode)

    commune: Place | None = None
    source = PlaceSource.COMMUNE
    if COMMUNE_CODE.fullmatch(code):
        commune = gazetteer.commune(code)
    if commune is None:
        commune = gazetteer.find(
            (prefix[2] or "") if prefix else label,
            postcode=postcode,
            department=department.code if department else "",
        )
        if commune and postcode in commune.postcodes:
            source = PlaceSource.POSTCODE
    if commune:
        department = departments().get(commune.department)
        region: str | None = commune.region
    elif department:
        region = department.region
    else:
        region = gazetteer.region_named(label)

    point = settle_point(degrees, find_landmark(commune, department, gazetteer))
    if point is None and commune and commune.point:
        point = (*commune.point, source)
    latitude, longitude, source = point or (None, None, PlaceSource.NONE)
    return Placement(
        label=label,
        commune_code=commune.code if commune else "",
        postcode=postcode,
        department=department.code if department else "",
        region=region or "",
        latitude=latitude,
        longitude=longitude,
        source=source,
    )


def find_landmark(
    commune: Place | None, department: Department | None, gazetteer: Gazetteer
) -> tuple[float, float, float] | None:
    """A point that the named place vouches for, and how far around it reaches."""
    reach = COMMUNE_REACH_KM
    if commune is None and department:
        commune, reach = gazetteer.commune(department.seat), DEPARTMENT_REACH_KM
    return (*commune.point, reach) if commune and commune.point else None


# --- Preselection --------------------------------------------------------------------

AGENCY_NAME = re.compile(
    r"(?:agence|relais|site)?\s*(?:france[ -]travail|p[ôo]le[ -]emploi)\b",
    re.IGNORECASE,
)
OWN_SITES = re.compile(r"^https?://[\w.-]*\b(?:francetravail|pole-emploi)\.fr(?:/|$)")
LINK = re.compile(r"https?://\S+", re.IGNORECASE)
MAIL = re.compile(r"[^\s@]+@[^\s@]+\.\w+")


def infer_preselection(contact: Mapping[str, Any]) -> bool:
    """Whether France Travail itself sorts the applications, as far as one can see.

    The public API has no word for it. The visible trace is a contact that names an
    agency and gives no other way to apply than France Travail's own site.
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
    """From the ``opus`` object, else from what the contact lets one see.

    Raises:
        UnsoundOffer: the object, or a part of it, is of the wrong type.
    """
    if data.get("opus") is None:
        return OfferMode(
            published=True,
            preselection=infer_preselection(object_of(data, "contact")),
            delegated=False,
            agency_safir="",
            posts_left=None,
            is_declared=False,
        )
    opus = object_of(data, "opus")
    preselection = bool(flag_of(opus, "preselection"))
    safir = opus.get("agenceGestionnaire")
    known = isinstance(safir, str) and SAFIR_CODE.fullmatch(safir)
    return OfferMode(
        published=flag_of(opus, "publiee") is not False,
        preselection=preselection,
        # Without preselection there is nothing to delegate (art. 3.2).
        delegated=preselection and bool(flag_of(opus, "delegationMiseEnRelation")),
        # An odd agency never costs the offer: it is merely nobody's.
        agency_safir=safir if isinstance(safir, str) and known else "",
        posts_left=count_of(opus, "postesRestants"),
        is_declared=True,
    )


# --- The whole -----------------------------------------------------------------------


NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def demand_sound_json(data: Any) -> dict[str, Any]:
    """The value, known to be an object that PostgreSQL can store.

    Raises:
        UnsoundOffer: it is no object, or holds NaN, an infinity, a NUL, half a
            surrogate pair, or is nested beyond reason.
    """
    if not isinstance(data, dict):
        raise UnsoundOffer("Un objet JSON est attendu.")
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False)
        text.encode()
    except UnicodeEncodeError as error:
        raise UnsoundOffer("Caractère Unicode incomplet.") from error
    except RecursionError as error:
        raise UnsoundOffer("Objet JSON trop profond.") from error
    except (TypeError, ValueError) as error:
        raise UnsoundOffer("Nombre illisible (NaN ou infini).") from error
    if "\\u0000" in text and NUL.search(text):
        raise UnsoundOffer("Caractère nul (\\u0000) dans un texte.")
    return data


def read_reference(data: Mapping[str, Any]) -> str:
    """The offer's number.

    Raises:
        UnsoundOffer: it is missing, or no number that an address could hold.
    """
    reference = text_of(data, "id").strip()
    if not reference:
        raise UnsoundOffer("« id » manque.")
    if not REFERENCE.fullmatch(reference):
        raise UnsoundOffer("« id » : 1 à 20 lettres ou chiffres sont attendus.")
    return reference


CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def hash_content(data: Mapping[str, Any]) -> bytes:
    """16 bytes that tell an offer's content, without its ``opus`` object, from others.

    The order of keys and the spacing do not count. ``opus`` has a source of its own
    and is compared column by column.

    Raises:
        UnsoundOffer: it is nested beyond reason.
    """
    content = {key: value for key, value in data.items() if key != "opus"}
    try:
        text = CANONICAL.encode(content)
    except RecursionError as error:
        raise UnsoundOffer("Objet JSON trop profond.") from error
    return hashlib.blake2b((READER_VERSION + text).encode(), digest_size=16).digest()


def read_details(data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """(what the page shows beside the columns, the skills as text for the search)."""
    details: dict[str, Any] = keep(data, DETAILS) or {}
    pay = text_of(object_of(data, "salaire"), "libelle")
    if amounts := read_pay(clean_line(pay)):
        details["salaire"] |= zip(
            ("minimum", "maximum", "periode"), amounts, strict=True
        )
    months = read_contract("", text_of(data, "typeContratLibelle"))[2]
    if months:
        details["dureeContratMois"] = months
    skills = [
        part["libelle"]
        for key in ("competences", "qualitesProfessionnelles", "langues", "permis")
        for part in details.get(key, [])
        if "libelle" in part
    ]
    return details, " ; ".join(skills)


def read_offer(
    data: Any, gazetteer: Gazetteer, *, received_at: datetime | None = None
) -> OfferContent:
    """One offer in the shape of the API "Offres d'emploi v2".

    Args:
        received_at: stands in for the dates of a payload that has none (an event has
            its own time; a file has not).

    Raises:
        UnsoundOffer: nothing that Opus could show; its text says why, in French.
    """
    data = demand_sound_json(data)
    reference = read_reference(data)
    title = clean_line(text_of(data, "intitule"))
    if not title:
        raise UnsoundOffer("« intitule » manque.")
    created_at, updated_at = read_dates(data, received_at)
    contract, contract_label, _ = read_contract(
        text_of(data, "typeContrat"), text_of(data, "typeContratLibelle")
    )
    nature, nature_label = read_nature(text_of(data, "natureContrat"))
    hours_label = text_of(data, "dureeTravailLibelle")
    converted = text_of(data, "dureeTravailLibelleConverti")
    full_time, weekly_hours = read_hours(hours_label, converted)
    experience = text_of(data, "experienceExige").strip().upper()
    rome_code = text_of(data, "romeCode").strip().upper()
    details, skills_text = read_details(data)
    return OfferContent(
        reference=reference,
        title=title,
        description=clean_text(text_of(data, "description"), MAX_DESCRIPTION),
        created_at=created_at,
        updated_at=updated_at,
        rome_code=rome_code if ROME_CODE.fullmatch(rome_code) else "",
        rome_label=clean_line(text_of(data, "romeLibelle"), 200),
        appellation=clean_line(text_of(data, "appellationlibelle"), 200),
        company=clean_line(text_of(object_of(data, "entreprise"), "nom"), 200),
        contract=contract,
        contract_label=contract_label,
        nature=nature,
        nature_label=nature_label,
        experience=experience if experience in {"D", "S", "E"} else "",
        experience_label=clean_line(text_of(data, "experienceLibelle"), 120),
        hours_label=clean_line(hours_label or converted, 120),
        weekly_hours=weekly_hours,
        full_time=full_time,
        salary_label=clean_line(text_of(object_of(data, "salaire"), "libelle"), 200),
        # Upstream writes 0 where nobody filled the box in.
        posts=count_of(data, "nombrePostes") or None,
        accessible_th=flag_of(data, "accessibleTH"),
        few_candidates=flag_of(data, "offresManqueCandidats"),
        place=read_place(object_of(data, "lieuTravail"), gazetteer),
        mode=read_mode(data),
        skills_text=skills_text,
        details=details,
        content_hash=hash_content(data),
    )
