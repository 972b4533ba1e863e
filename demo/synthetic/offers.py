from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any

from demo.synthetic.domains import Domain, domain_of
from demo.synthetic.market import (
    CONTRACTS,
    FULL_WEEKS,
    LASTING,
    PART_WEEKS,
    Trade,
    read_towns,
    read_trades,
)
from demo.synthetic.numbers import number_of
from demo.synthetic.profile import add_profile
from demo.synthetic.randomness import Dice
from demo.synthetic.words import WORDS, at_town, of_job
from offers.reference.places import DATA, Place
from opus.lib.french_regions import departments, read_rows

DAYS = 45
SITE = "https://offres.example/"
ALTERNATING = {"Contrat apprentissage", "Cont. professionnalisation"}

# Shares of the faults that real offers have (docs: the offers feed).
NO_COORDINATES = 0.08
DEPARTMENT_ONLY = 0.02
NO_PLACE = 0.004
SWAPPED = 0.006
MARKUP = 0.03
NO_UPDATE_DATE = 0.01
FORMER_CODE = 0.05  # of the communes that have one
UNPUBLISHED = 0.08
DIRECT = 0.70
DELEGATED = 0.18

LIGHT_VEHICLE = "B - Véhicule léger"
PART_TIME, FULL_TIME = "Temps partiel", "Temps plein"
EXPERIENCES = {"D": "Débutant accepté"}


def make_offers(
    count: int, *, seed: int = 1, today: date | None = None
) -> Iterator[dict[str, Any]]:
    """Yield offers of the 45 days before ``today`` (UTC)."""
    dice = Dice(seed)
    # A second generator, so that a new field changes no other.
    more_dice = Dice(seed + 104_729)
    trades, trade_weights = read_trades()
    towns, town_weights = read_towns()
    old_codes = read_rows(DATA / "communes_anciennes.csv")
    former = {row["today"]: row["code"] for row in old_codes}
    contract_weights = list(accumulate(contract[-1] for contract in CONTRACTS))
    end = datetime.combine(today or datetime.now(UTC).date(), datetime.min.time(), UTC)
    first_number = seed * 15_485_863

    for index in range(count):
        reference = number_of(first_number + index)
        trade = dice.weighed(trades, trade_weights)
        domain = domain_of(trade.code)
        town = dice.weighed(towns, town_weights)
        kind = dice.weighed(CONTRACTS, contract_weights)
        while not suits(kind[0], domain):
            kind = dice.weighed(CONTRACTS, contract_weights)
        company = make_company(dice, domain)
        age = dice.draw() * DAYS * 86_400
        created = end - timedelta(seconds=age + 1)
        updated = created + timedelta(seconds=age * dice.draw() * dice.draw())
        experience = dice.pick("DDESEE")
        years = dice.number(1, 5)
        permit = domain.permit or (LIGHT_VEHICLE if dice.happens(0.15) else "")
        text = make_description(
            dice, domain, trade, town, company, experience, years, permit
        )
        is_part_time = dice.happens(0.2)
        week = dice.pick(PART_WEEKS if is_part_time else FULL_WEEKS)
        posts = 1 if dice.happens(0.93) else dice.number(2, 6)
        at_place = f"{trade.label} {at_town(town.name)}"
        offer: dict[str, Any] = {
            "id": reference,
            "intitule": trade.title if dice.happens(0.8) else at_place,
            "description": mark_up(text) if dice.happens(MARKUP) else text,
            "dateCreation": stamp(created),
            "dateActualisation": stamp(updated),
            "lieuTravail": make_place(dice, town, former),
            "romeCode": trade.code,
            "romeLibelle": trade.label,
            "appellationlibelle": trade.label,
            "entreprise": {"nom": company, "entrepriseAdaptee": False},
            "typeContrat": kind[0],
            "typeContratLibelle": make_contract_label(dice, kind),
            "natureContrat": kind[3],
            "experienceExige": experience,
            "experienceLibelle": EXPERIENCES.get(experience, f"{years} An(s)"),
            "competences": [
                {"libelle": skill, "exigence": "S"}
                for skill in dice.some(domain.skills, 3)
            ],
            "dureeTravailLibelle": f"{'Temps partiel - ' if is_part_time else ''}"
            f"{week}/semaine\n{dice.pick(domain.schedules)}",
            "dureeTravailLibelleConverti": PART_TIME if is_part_time else FULL_TIME,
            "alternance": kind[3] in ALTERNATING,
            "nombrePostes": posts,
            "offresManqueCandidats": dice.happens(0.12),
            "origineOffre": {"origine": "1", "urlOrigine": f"{SITE}{reference}"},
        }
        if dice.happens(0.8):
            offer["accessibleTH"] = dice.happens(0.1)
        if dice.happens(0.6):
            offer["salaire"] = make_pay(dice, domain)
        if dice.happens(0.5):
            label, meaning = dice.pick(WORDS["qualities"])
            quality = {"libelle": label, "description": meaning}
            offer["qualitesProfessionnelles"] = [quality]
        if permit:
            offer["permis"] = [{"libelle": permit, "exigence": "E"}]
        if dice.happens(NO_UPDATE_DATE):
            del offer["dateActualisation"]
        add_mode(dice, offer, town, company, posts)
        add_profile(more_dice, offer, domain, trade)
        yield offer


def suits(contract: str, domain: Domain) -> bool:
    if contract == "SAI":
        return domain.seasonal
    return contract not in {"MIS", "DIN", "FRA"} or not domain.no_agency


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def make_company(dice: Dice, domain: Domain) -> str:
    start, end = WORDS["name_starts"], WORDS["name_ends"]
    name = f"{dice.pick(domain.names)} {dice.pick(start)}{dice.pick(end)}"
    form = dice.pick(WORDS["legal_forms"])
    return f"{form} {name}" if form else name


def make_description(
    dice: Dice,
    domain: Domain,
    trade: Trade,
    town: Place,
    company: str,
    experience: str,
    years: int,
    permit: str,
) -> str:
    opening = dice.pick(WORDS["openings"]).format(
        setting=dice.pick(domain.settings),
        of_job=of_job(trade.job),
        at_town=at_town(town.name),
        company=company,
    )
    tasks = "\xa0;\n- ".join(dice.some(domain.tasks, 4))
    is_graduate = domain.diploma and experience == "D"
    profiles = WORDS["graduates"] if is_graduate else WORDS["profiles"][experience]
    length = f"{years} an{'s' if years > 1 else ''}"
    profile = dice.pick(profiles).format(years=length)
    closing = " ".join(dice.some(WORDS["closings"], 2))
    if permit:
        closing = f"Le permis {permit.split(' ', 1)[0]} est exigé. {closing}"
    return f"{opening}\n\nVos missions\xa0:\n- {tasks}.\n\n{profile}\n{closing}"


def mark_up(text: str) -> str:
    text = text.replace("é", "&eacute;").replace("’", "&#039;")
    return "<p>" + text.replace("\n\n", "</p><p>").replace("\n", "<br />") + "</p>"


def make_place(dice: Dice, town: Place, former: dict[str, str]) -> dict[str, Any]:
    """Return ``lieuTravail``, sometimes incomplete or wrong."""
    chance = dice.draw()
    if chance < NO_PLACE:
        return {"libelle": "France"}
    if chance < NO_PLACE + DEPARTMENT_ONLY:
        name = departments()[town.department].name
        return {"libelle": f"{town.department} - {name}"}
    place: dict[str, Any] = {
        "libelle": f"{town.department} - {town.name}",
        "commune": town.code,
    }
    if town.postcodes:
        place["codePostal"] = town.postcodes[0]
    if town.code in former and dice.happens(FORMER_CODE):
        place["commune"] = former[town.code]
    if town.point is None or dice.happens(NO_COORDINATES):
        return place
    latitude = round(town.point[0] + (dice.draw() - 0.5) * 0.02, 6)
    longitude = round(town.point[1] + (dice.draw() - 0.5) * 0.02, 6)
    if dice.happens(SWAPPED):
        latitude, longitude = longitude, latitude
    return place | {"latitude": latitude, "longitude": longitude}


def make_contract_label(dice: Dice, kind: tuple[str, str, str, str, int]) -> str:
    label = kind[1] if dice.happens(0.7) else kind[2]
    if kind[0] in LASTING:
        return label
    if kind[0] == "MIS" and dice.happens(0.3):
        return f"{label} - {dice.number(1, 28)} Jour(s)"
    return f"{label} - {dice.number(1, 18)} Mois"


def make_pay(dice: Dice, domain: Domain) -> dict[str, str]:
    least, most = domain.pay
    low = least + (most - least) * dice.draw() * 0.6
    high = low + (most - low) * dice.draw() * 0.5
    period = dice.draw()
    if period < 0.35:
        label = f"Horaire de {low:.2f} Euros à {high:.2f} Euros sur 12 mois"
    elif period < 0.75:
        low, high = round(low * 152), round(high * 152)
        label = f"Mensuel de {low},00 Euros à {high},00 Euros sur 12 mois"
    elif period < 0.98:
        low, high = round(low * 1.82) * 1000, round(high * 1.82) * 1000
        label = f"Annuel de {low}.0 Euros à {high}.0 Euros sur 12.0 mois"
    else:
        label = "Annuel de"
    return {"libelle": label}


def add_mode(
    dice: Dice, offer: dict[str, Any], town: Place, company: str, posts: int
) -> None:
    chance = dice.draw()
    digits = town.department.replace("A", "0").replace("B", "0")
    opus: dict[str, Any] = {
        "publiee": not dice.happens(UNPUBLISHED),
        "preselection": chance >= DIRECT,
        "delegationMiseEnRelation": DIRECT <= chance < DIRECT + DELEGATED,
        "agenceGestionnaire": f"{digits}{dice.number(1, 9):0{5 - len(digits)}d}",
    }
    if posts > 1 and dice.happens(0.5):
        opus["postesRestants"] = dice.number(1, posts)
    offer["opus"] = opus
    if opus["preselection"]:
        offer["contact"] = {
            "nom": f"Agence France Travail {town.name}",
            "coordonnees1": f"{dice.number(1, 90)} rue de la Gare",
        }
        return
    slug = "".join(letter for letter in company.lower() if "a" <= letter <= "z")
    offer["contact"] = {
        "nom": company,
        "courriel": f"emploi@{slug}.example",
        "telephone": f"{dice.pick(WORDS['phone_starts'])} {dice.number(0, 99):02d}"
        f" {dice.number(0, 99):02d}",
    }
