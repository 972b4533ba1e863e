"""The words of an act for who reads with difficulty (domain 3.7).

One page that is enough by itself: everyday words, one idea a sentence, twelve words at
most. Nothing is guessed: what a rule does not know is printed as it came.
"""

import dataclasses
import re
from typing import Any

from offers.catalogue import formatting
from offers.catalogue.models import Offer
from offers.catalogue.presenter import OfferPresenter, place_of
from offers.page import documents as paper
from offers.page.reach import Reach
from opus.lib.documents.measure import fit, width_of
from referrals.acts.models import Act
from referrals.documents.tickets import job_of

# What one does in each of the 14 domains of the ROME, by its first letter.
DOMAINS = {
    "A": "Vous travaillez avec les plantes, les animaux ou la nature.",
    "B": "Vous fabriquez de beaux objets avec vos mains.",
    "C": "Vous aidez des clients\xa0: argent, assurance ou logement.",
    "D": "Vous vendez des produits. Vous aidez les clients.",
    "E": "Vous préparez des textes, des images ou des imprimés.",
    "F": "Vous construisez ou réparez des bâtiments ou des routes.",
    "G": "Vous accueillez des personnes\xa0: repas, chambre ou loisirs.",
    "H": "Vous fabriquez des produits dans une usine ou un atelier.",
    "I": "Vous installez ou réparez des machines ou des véhicules.",
    "J": "Vous soignez des personnes. Ou vous aidez les soignants.",
    "K": "Vous rendez service à des personnes ou au public.",
    "L": "Vous travaillez pour un spectacle, un film ou un sport.",
    "M": "Vous travaillez dans un bureau, pour une entreprise.",
    "N": "Vous rangez ou transportez des marchandises ou des personnes.",
}
AMOUNT = re.compile(r"([\d\xa0\u202f,]+\xa0€)(?: à ([\d\xa0\u202f,]+\xa0€))?(.*)")
PERIODS = {
    " de\xa0l’heure": "pour une heure",
    " par\xa0mois": "par mois",
    " par\xa0an": "par an",
}
WEEK = re.compile(r"(Temps partiel, )?(\d+)\xa0h(\xa0\d\d)? par\xa0semaine(?:, (.+))?")
WHEN = {
    "en\xa0journée": "Dans la journée.",
    "les week-ends et jours fériés": "Aussi le samedi, le dimanche, les jours de fête.",
    "le week-end": "Le samedi et le dimanche.",
    "le samedi": "Aussi le samedi.",
    "le dimanche": "Aussi le dimanche.",
    "de nuit": "La nuit.",
    "en horaires décalés": "Tôt le matin ou tard le soir.",
    "en horaires fractionnés": "En plusieurs fois dans la journée.",
}
# Columns and lines of offers/page/print/easy.css.
FACT_WIDTH, FACT_SIZE, FACT_LINES = 68.0, 16.0, 3
JOB_WIDTH, JOB_SIZE, JOB_LINES = 150.0, 20.0, 2
VALUE_WIDTH, VALUE_SIZE, VALUE_LINES = 140.0, 18.0, 2
PLACE_LINES = 5


@dataclasses.dataclass(frozen=True)
class EasyFact:
    icon: str
    strong: str
    more: str = ""


def words_of(act: Act, reach: Reach) -> dict[str, Any]:
    offer = act.offer
    where, _ = fit(
        getattr(act, "where", ""), PLACE_LINES, VALUE_WIDTH, VALUE_SIZE, bold=True
    )
    person, _ = fit(reach.person, 1, VALUE_WIDTH, FACT_SIZE)
    value, _ = fit(reach.value, VALUE_LINES, VALUE_WIDTH, VALUE_SIZE, bold=True)
    # « L’employeur : » stands before it.
    company_width = JOB_WIDTH - width_of("L’employeur\xa0: ", FACT_SIZE)
    company, _ = fit(
        paper.printed(formatting.plain(offer.company)), 1, company_width, FACT_SIZE
    )
    return {
        "act": act,
        "kind": act.KIND.value,
        "candidate": act.candidate,
        "offer": offer,
        "job": job_title_of(offer),
        "job_said": job_of(offer),
        "company": ended(company),
        "sentence": DOMAINS.get(offer.rome_code[:1], ""),
        "facts": facts_of(offer),
        "reach": reach,
        "value": value,
        "person": ended(person),
        "where": where,
    }


def job_title_of(offer: Offer) -> str:
    """Return the name of the trade without stroke nor « (H/F) »."""
    label = offer.appellation or offer.rome_label
    title = re.sub(r"\xa0\(H/F\)", "", formatting.job_title(offer.title))
    name = paper.printed(formatting.trade_name(label or title))
    return fit(name, JOB_LINES, JOB_WIDTH, JOB_SIZE, bold=True)[0]


def facts_of(offer: Offer) -> list[EasyFact]:
    facts = [
        EasyFact("pin", place_said(offer)),
        pay_said(offer),
        hours_said(OfferPresenter(offer)),
        EasyFact("contract", contract_said(offer)),
    ]
    return [
        dataclasses.replace(
            fact,
            strong=fit(
                paper.printed(fact.strong), FACT_LINES, FACT_WIDTH, FACT_SIZE, bold=True
            )[0],
            more=fit(paper.printed(fact.more), FACT_LINES, FACT_WIDTH, FACT_SIZE)[0],
        )
        for fact in facts
        if fact.strong
    ]


def place_said(offer: Offer) -> str:
    place = re.sub(r"\xa0\(\w+\)$", "", place_of(offer))
    return f"À {place}." if place else ""


def pay_said(offer: Offer) -> EasyFact:
    """Return « Entre 12,60 € et 14,53 € pour une heure. »."""
    paid = formatting.pay(offer.salary_label)
    found = AMOUNT.fullmatch(paid)
    period = PERIODS.get(found[3]) if found else None
    if not found or period is None:
        return EasyFact("euro", ended(paid) or "L’annonce ne dit pas le salaire.")
    amount = f"Entre {found[1]} et {found[2]}" if found[2] else found[1]
    return EasyFact("euro", f"{amount} {period}.", "C’est le salaire brut.")


def hours_said(presenter: OfferPresenter) -> EasyFact:
    label = paper.hours_of(presenter)
    found = WEEK.fullmatch(formatting.schedule(presenter.offer.hours_label) or label)
    if not found:
        return EasyFact("clock", ended(label))
    _, whole, minutes, when = found.groups()
    week = f"{whole}\xa0heures{minutes or ''} par semaine."
    return EasyFact("clock", week, WHEN.get(when or "", ended(when or "").capitalize()))


def contract_said(offer: Offer) -> str:
    kind, _, length = formatting.contract(offer.contract_label).partition(", ")
    match kind:
        case "CDI":
            return "Contrat sans date de fin (CDI)."
        case "CDD" if length:
            return f"Contrat de {length} (CDD)."
        case "Intérim" if length:
            return f"Travail de {length}, en intérim."
    return ended(", ".join(filter(None, [kind, length])))


def ended(text: str) -> str:
    if not text or text.endswith("…"):
        return text
    return f"{text.rstrip('. ')}."
