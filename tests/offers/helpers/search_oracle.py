"""A search that anybody can check by reading: one offer after the other, in Python."""

import datetime as dt
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from math import asin, cos, radians, sin, sqrt
from random import Random
from typing import Any
from urllib.parse import parse_qs

from django.utils import timezone

from offers.catalogue.models import Offer
from offers.enums import Mode
from offers.reference.models import Commune
from tests.offers.helpers.factories import OfferFactory

# Words whose French stems differ from each other, with their accents.
WORDS = [
    "maçon", "soudeur", "béton", "grue", "élevage", "cuisine", "forêt", "naïade",
    "boulanger", "cariste", "vélo", "jardin", "toiture", "piscine", "théâtre", "ongle",
]  # fmt: skip
# What people say and offers do not.
EVERYDAY = ["cuisine", "jardin", "grue", "vélo"]
COMMUNES = ["38193", "38553", "38185", "69381", "69123", "75101", "75113", "97411"]
# What may be asked: communes, one with arrondissements, departments, regions.
PLACES = [*COMMUNES, "75056", "13055", "38", "2A", "974", "r84", "r11", "r04"]
DEFAULT_RADIUS = 10
ARRONDISSEMENTS = {
    "75056": {f"75{n}" for n in range(101, 121)},
    "69123": {f"69{n}" for n in range(381, 390)},
    "13055": {f"13{n}" for n in range(201, 217)},
}
HOURS = ("14.98", "15", "24", "34.5", "35", "35.5", "39")
LEVELS = {
    "aucune": 0, "brevet": 2, "cap": 3, "bac": 4, "bac2": 5, "bac3": 6, "bac5": 7,
}  # fmt: skip
STORED = {
    "temps": {"plein": True, "partiel": False},
    "publiee": {"oui": True, "non": False},
    "th": {"oui": True},
}
COLUMNS = {
    "contrat": "contract",
    "nature": "nature",
    "experience": "experience",
    "temps": "full_time",
    "publiee": "published",
    "mode": "mode",
    "th": "accessible_th",
}


def make_market(size: int, seed: int = 1) -> list[Offer]:
    """Varied offers, some of them withdrawn, some on one same instant or point."""
    draw = Random(seed)
    communes = Commune.objects.in_bulk(COMMUNES)
    now = timezone.now()
    return [make_offer(draw, communes[draw.choice(COMMUNES)], now) for _ in range(size)]


def make_offer(draw: Random, commune: Commune, now: dt.datetime) -> Offer:
    def some_words(most: int) -> str:
        return " ".join(draw.sample(WORDS, draw.randint(0, most)))

    has_point = draw.random() < 0.9
    moves = draw.random() < 0.7
    mode = draw.choice(list(Mode))
    assert commune.latitude
    assert commune.longitude
    return OfferFactory(
        title=draw.choice(WORDS).capitalize() + " (H/F)",
        appellation=some_words(1),
        rome_label=some_words(1),
        company=some_words(1).upper(),
        skills_text=some_words(2) + draw.choice(["", "", " nuit", " week-end"]),
        description=some_words(4).replace(" ", draw.choice([" ", ".", "/", "-", "’"])),
        created_at=now - dt.timedelta(days=draw.randint(0, 40), minutes=5),
        rome_code=draw.choice(["F1703", "J1501", "G1602", ""]),
        contract=draw.choice(["CDI", "CDD", "MIS"]),
        nature=draw.choice(["E1", "E2", "FS", "FT", "FX", "I1", ""]),
        experience=draw.choice(["D", "S", "E", ""]),
        full_time=draw.choice([True, False, None]),
        accessible_th=draw.choice([True, False, None]),
        published=draw.random() < 0.8,
        preselection=mode != Mode.DIRECT,
        delegated=mode == Mode.DELEGATED,
        commune_code=commune.code,
        department=commune.department,
        region=commune.region,
        latitude=commune.latitude + moves * draw.uniform(-0.4, 0.4)
        if has_point
        else None,
        longitude=commune.longitude + moves * draw.uniform(-0.4, 0.4)
        if has_point
        else None,
        state=draw.choice(["active"] * 9 + ["suspendue"]),
        **make_needs(draw),
    )


def make_needs(draw: Random) -> dict[str, Any]:
    """What the filters without counts compare, silence included."""
    pay = draw.choice([None, 1_499, 1_500, 1_820, 2_400])
    return {
        "permits": draw.choice([None, None, ["B"], ["B", "C"], ["AM"]]),
        "skills": draw.choice([None, [101846], [101846, 300425], [300425]]),
        "training": draw.choice([None, *LEVELS.values()]),
        "is_cadre": draw.choice([True, False, None]),
        "few_candidates": draw.choice([True, False, None]),
        "adapted": draw.choice([True, False, None]),
        "handi_engaged": draw.choice([True, False, None]),
        "from_partner": draw.choice([True, False, None]),
        "sector": draw.choice(["", "43", "78", "86"]),
        "pay_least": pay and pay - 100,
        "pay_most": pay,
        "weekly_hours": draw.choice([None, *map(Decimal, HOURS)]),
        "contract_months": draw.choice(
            [None, *map(Decimal, ("0.5", "1", "2.9", "3", "6", "11.9", "12", "24"))]
        ),
    }


def fold(text: str) -> str:
    """Lower case without accents, every sign a space."""
    text = unicodedata.normalize("NFKD", text.lower())
    return "".join(
        c if c.isalnum() else " " for c in text if not unicodedata.combining(c)
    )


def kilometres(
    point: tuple[float, float], latitude: float | None, longitude: float | None
) -> float | None:
    if latitude is None or longitude is None:
        return None
    a, b = radians(point[0]), radians(latitude)
    half = sin((b - a) / 2) ** 2
    half += cos(a) * cos(b) * sin(radians(longitude - point[1]) / 2) ** 2
    return 2 * 6371 * asin(sqrt(half))


def needs_of(offer: Offer) -> dict[str, set[str]]:
    """For each filter, the choices under which an offer stands."""
    hours, months = offer.weekly_hours, offer.contract_months
    levels = {level: name for name, level in LEVELS.items()}
    appellation = "-".join(fold(offer.appellation).split())
    return {
        "appellation": {appellation} - {""},
        "competence": set(map(str, offer.skills or ())),
        "secteur": {offer.sector} - {""},
        "permis": set(offer.permits or ["aucun"]),
        "formation": {levels[offer.training]} if offer.training is not None else set(),
        "qualification": {True: {"cadre"}, False: {"non-cadre"}}.get(
            offer.is_cadre, set()
        ),
        "origine": {True: {"partenaire"}, False: {"francetravail"}}.get(
            offer.from_partner, set()
        ),
        "peu": {"oui"} if offer.few_candidates else set(),
        "adaptee": {"oui"} if offer.adapted else set(),
        "handi": {"oui"} if offer.handi_engaged else set(),
        "alternance": {"oui"} if offer.nature in ("E2", "FS") else set(),
        "aide": {"oui"} if offer.nature in ("FT", "FU", "FW", "FX", "FY") else set(),
        "horaire": {
            name
            for name, word in {"nuit": "nuit", "week-end": "week"}.items()
            if word in fold(offer.skills_text).split()
        },
        "heures": set() if hours is None else {hours_of(hours)},
        "duree": set() if months is None else {length_of(months)},
    }


def hours_of(hours: Decimal) -> str:
    if hours < 15:
        return "moins-de-15"
    if hours < 24:
        return "15-24"
    if hours < 35:
        return "24-35"
    return "35" if hours == 35 else "plus-de-35"


def length_of(months: Decimal) -> str:
    if months < 1:
        return "moins-de-1"
    if months < 3:
        return "1-3"
    if months < 6:
        return "3-6"
    return "6-12" if months < 12 else "12-et-plus"


class Oracle:
    """The offers of a market that answer a query string."""

    def __init__(self, market: Sequence[Offer]) -> None:
        self.market = market
        self.communes = Commune.objects.in_bulk(
            [code for code in PLACES if len(code) == 5]
        )

    def matches(self, query: str) -> list[Offer]:
        asked = {name: values[-1] for name, values in parse_qs(query).items()}
        return [offer for offer in self.market if self.accepts(offer, asked)]

    def accepts(self, offer: Offer, asked: dict[str, str]) -> bool:
        return (
            offer.state == "active"
            and self.has_words_or_trade(offer, asked)
            and self.is_placed(offer, asked)
            and self.has_choices(offer, asked)
            and self.is_recent(offer, asked.get("depuis"))
            and self.has_needs(offer, asked)
        )

    def has_words_or_trade(self, offer: Offer, asked: dict[str, str]) -> bool:
        """The trades of an address are added to its words, if these are not exact."""
        has_words = self.has_words(offer, asked.get("q", ""))
        if "rome" not in asked:
            return has_words
        has_trade = offer.rome_code in asked["rome"].split(",")
        is_added = asked.get("mots") != "exacts" and self.says(asked.get("q", ""))
        return has_words or has_trade if is_added else has_words and has_trade

    def says(self, words: str) -> bool:
        """Whether PostgreSQL would look for any of these words."""
        return bool(words.split())

    def has_words(self, offer: Offer, words: str) -> bool:
        texts = (
            offer.title, offer.appellation, offer.rome_label, offer.company,
            offer.skills_text, offer.description,
        )  # fmt: skip
        return set(fold(words).split()) <= set(fold(" ".join(texts)).split())

    def tier(self, offer: Offer, words: str, trades: Sequence[str]) -> int:
        """0 where all the words stand in title and appellation of such a trade, 1 of
        another, 2 where it is of the trade, 3 where they stand in those with trade and
        company, or an everyday word in the title of another trade, 4 elsewhere.
        """
        title = f"{offer.title} {offer.appellation}"
        names = f"{title} {offer.rome_label} {offer.company}"
        wanted = set(fold(words).split())
        is_of_trade = offer.rome_code in trades
        if wanted <= set(fold(title).split()):
            is_everyday = bool(trades) and wanted in [{fold(word)} for word in EVERYDAY]
            return 0 if is_of_trade else 3 if is_everyday else 1
        if is_of_trade:
            return 2
        return 3 if wanted <= set(fold(names).split()) else 4

    def is_placed(self, offer: Offer, asked: dict[str, str]) -> bool:
        radius = int(asked.get("rayon", DEFAULT_RADIUS))
        codes = asked.get("lieu", "").split(",")
        return codes == [""] or any(self.is_in(offer, code, radius) for code in codes)

    def is_in(self, offer: Offer, code: str, radius: int) -> bool:
        if code.startswith("r"):
            return offer.region == code[1:]
        if len(code) < 5:
            return offer.department == code
        if radius == 0:
            return offer.commune_code in {code} | ARRONDISSEMENTS.get(code, set())
        distance = self.distance(offer, [code])
        return distance is not None and distance <= radius

    def distance(self, offer: Offer, codes: Sequence[str]) -> float | None:
        """To the nearest of these communes."""
        points = [
            (self.communes[code].latitude, self.communes[code].longitude)
            for code in codes
            if code in self.communes
        ]
        distances = [
            kilometres(point, offer.latitude, offer.longitude) for point in points
        ]
        return min((d for d in distances if d is not None), default=None)

    def has_choices(self, offer: Offer, asked: dict[str, str]) -> bool:
        for name, column in COLUMNS.items():
            if name in asked:
                values = asked[name].split(",")
                wanted = [STORED.get(name, {}).get(value, value) for value in values]
                if getattr(offer, column) not in wanted:
                    return False
        return True

    def has_needs(self, offer: Offer, asked: dict[str, str]) -> bool:
        """Each filter without counts, told offer by offer."""
        told = needs_of(offer)
        if "salaire" in asked and (offer.pay_most or 0) < int(asked["salaire"]):
            return False
        return all(
            told[name] & set(asked[name].split(",")) for name in told if name in asked
        )

    def is_recent(self, offer: Offer, days: str | None) -> bool:
        return not days or offer.created_at >= timezone.now() - dt.timedelta(int(days))
