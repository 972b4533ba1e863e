"""Present an offer: the parts of its page, in order.

The words of France Travail are unchanged (art. 7); codes and marks are read for who
does not know them (``formatting``). Missing facts have no line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from accounts.structures.models import Structure
from offers.catalogue import formatting
from offers.catalogue.formatting import Block, blocks_of
from offers.catalogue.models import Offer
from offers.enums import MODES_SHOWN, Mode
from offers.reference.places import distance_km, find_areas, french_gazetteer

# The public page of an offer: a sheet may link to no other site (art. 9).
PUBLIC_SITE = "https://candidat.francetravail.fr/"
REQUIRED = "E"
UNKNOWN = "Non renseigné"
MONTHS = 12
MONTHS_PAID = re.compile(r"sur (\d{1,2}(?:[.,]\d+)?) mois", re.IGNORECASE)
# The parts of an offer about the person sought.
PROFILE = (
    *("competences", "permis", "langues", "formations"),
    *("qualitesProfessionnelles", "outilsBureautiques"),
)


class Line(NamedTuple):
    name: str
    text: str


class Need(NamedTuple):
    text: str
    is_required: bool


def lines(*pairs: tuple[str, Any]) -> list[Line]:
    return [Line(name, str(text)) for name, text in pairs if text]


def distinct(texts: Iterable[str | None]) -> list[str]:
    """Return the texts once, in one line each, without those that others contain."""
    lines = (re.sub(r"[ \t\r\n]+", " ", text).strip() for text in texts if text)
    once = list(dict.fromkeys(lines))
    return [text for text in once if sum(text in other for other in once) == 1]


class OfferPresenter:
    def __init__(self, offer: Offer) -> None:
        self.offer = offer
        self.details: dict[str, Any] = offer.details

    def part(self, name: str) -> dict[str, Any]:
        return self.details.get(name) or {}

    # --- The job -----------------------------------------------------------------

    @property
    def job(self) -> list[Line]:
        """Return what the facts at the top leave out."""
        offer = self.offer
        return lines(
            ("Nature du contrat", offer.nature_label),
            ("Alternance", "Oui" if self.details.get("alternance") else ""),
            ("Métier", self.trade),
            ("Appellation", self.appellation),
            ("Qualification", self.details.get("qualificationLibelle")),
        )

    @property
    def trade(self) -> str:
        offer = self.offer
        label = offer.rome_label or offer.appellation
        return f"{label} ({offer.rome_code})" if label and offer.rome_code else label

    @property
    def appellation(self) -> str:
        """Return the appellation, unless title or trade says it."""
        offer = self.offer
        is_said = offer.appellation in {offer.rome_label, offer.title}
        return "" if is_said else offer.appellation

    @property
    def place(self) -> str:
        """Return the place with its postcode: it is written on an envelope."""
        return place_of(self.offer, self.offer.postcode)

    @property
    def contract(self) -> str:
        return formatting.contract(self.offer.contract_label)

    @property
    def description(self) -> list[Block]:
        return blocks_of(self.offer.description)

    @property
    def hours(self) -> list[str]:
        kind = {True: "Temps plein", False: "Temps partiel"}.get(self.offer.full_time)  # type: ignore[arg-type]
        keys = ("dureeTravailLibelle", "dureeTravailLibelleConverti")
        schedules = self.part("contexteTravail").get("horaires") or ()
        labels = map(self.details.get, keys)
        texts = [kind, self.offer.hours_label, *labels, *schedules]
        return distinct(formatting.schedule(one) for one in texts if one != UNKNOWN)

    @property
    def pay(self) -> list[str]:
        pay = self.part("salaire")
        extras = [extra.get("libelle") for extra in pay.get("listeComplements") or ()]
        texts = [pay.get("commentaire"), pay.get("complement1"), pay.get("complement2")]
        shown = (self.months_paid, *texts, *extras)
        return list(dict.fromkeys(text for text in shown if text))

    @property
    def months_paid(self) -> str:
        """Return « sur 13 mois », nothing for twelve."""
        found = MONTHS_PAID.search(self.offer.salary_label)
        return found[0].lower() if found and Decimal(found[1]) != MONTHS else ""

    # --- Who is sought -----------------------------------------------------------

    @property
    def experience(self) -> list[str]:
        label = formatting.experience(self.offer.experience_label)
        comment = formatting.plain(self.details.get("experienceCommentaire"))
        is_said = comment.lower() in label.lower()
        return [text for text in (label, "" if is_said else comment) if text]

    def needs(self, name: str) -> list[Need]:
        found = [
            Need(item["libelle"], item.get("exigence") == REQUIRED)
            for item in self.details.get(name) or ()
            if item.get("libelle")
        ]
        return sorted(found, key=lambda need: not need.is_required)

    @property
    def skills_required(self) -> list[str]:
        return [need.text for need in self.needs("competences") if need.is_required]

    @property
    def skills_wished(self) -> list[str]:
        return [need.text for need in self.needs("competences") if not need.is_required]

    @property
    def permits(self) -> list[Need]:
        return self.needs("permis")

    @property
    def languages(self) -> list[Need]:
        return self.needs("langues")

    @property
    def software(self) -> list[str]:
        return [text for text in self.details.get("outilsBureautiques") or () if text]

    @property
    def training(self) -> list[Need]:
        keys = ("niveauLibelle", "domaineLibelle", "commentaire")
        texts = [
            (" – ".join(filter(None, map(item.get, keys))), item.get("exigence"))
            for item in self.details.get("formations") or ()
        ]
        return [Need(text, firmness == REQUIRED) for text, firmness in texts if text]

    @property
    def qualities(self) -> list[Line]:
        return [
            Line(item["libelle"], item.get("description") or "")
            for item in self.details.get("qualitesProfessionnelles") or ()
            if item.get("libelle")
        ]

    @property
    def has_profile(self) -> bool:
        return bool(self.experience) or any(map(self.details.get, PROFILE))

    # --- Conditions, employer, source --------------------------------------------

    @property
    def conditions(self) -> list[str]:
        texts: Iterable[str | None] = (
            *(self.part("contexteTravail").get("conditionsExercice") or ()),
            self.details.get("complementExercice"),
            self.details.get("conditionExercice"),
            self.travel,
        )
        return list(dict.fromkeys(text for text in texts if text))

    @property
    def travel(self) -> str:
        label = self.details.get("deplacementLibelle")
        return f"Déplacements : {label}" if label else ""

    @property
    def company(self) -> list[Line]:
        places = (self.part("entreprise"), self.details)
        adapted = any(place.get("entrepriseAdaptee") for place in places)
        engaged = self.details.get("employeurHandiEngage")
        return lines(
            ("Entreprise", self.offer.company),
            ("Secteur d’activité", self.sector),
            ("Effectif", self.details.get("trancheEffectifEtab")),
            ("Entreprise adaptée", "Oui" if adapted else ""),
            ("Employeur handi-engagé", "Oui" if engaged else ""),
            ("Site", self.own_site),
        )

    @property
    def own_site(self) -> str:
        """Return the employer's site as text, no link (S33)."""
        if not self.offer.shows_employer_contact:
            return ""
        return self.part("entreprise").get("url") or ""

    @property
    def sector(self) -> str:
        label, code = map(self.details.get, ("secteurActiviteLibelle", "codeNAF"))
        return f"{label} (NAF {code})" if label and code else label or code or ""

    @property
    def company_text(self) -> str:
        return self.part("entreprise").get("description") or ""

    @property
    def contact(self) -> list[Line]:
        """Return the employer's contact; nothing if preselected (2.7)."""
        if not self.offer.shows_employer_contact:
            return []
        contact = self.part("contact")
        places = [contact.get(f"coordonnees{n}") for n in (1, 2, 3)]
        texts = lines(
            ("Contact", contact.get("nom")),
            ("Coordonnées", "\n".join(filter(None, places))),
            ("Téléphone", contact.get("telephone")),
            ("Courriel", contact.get("courriel")),
            ("Précisions", contact.get("commentaire")),
            ("Postuler", contact.get("urlPostulation")),
        )
        # Upstream often writes one sentence into several boxes.
        once: dict[str, Line] = {}
        for line in texts:
            once.setdefault(line.text, line)
        return list(once.values())

    @property
    def recruiters_site(self) -> str:
        """Return another site of the employer, as text."""
        if not self.offer.shows_employer_contact:
            return ""
        site = self.part("contact").get("urlRecruteur") or ""
        return site if site != self.own_site else ""

    @property
    def agency(self) -> list[Line]:
        telephone, email = map(self.part("agence").get, ("telephone", "courriel"))
        return lines(("Téléphone", telephone), ("Courriel", email))

    @property
    def source(self) -> str:
        """Return who published the offer: France Travail or named sites."""
        partners = self.part("origineOffre").get("partenaires") or ()
        names = [partner["nom"] for partner in partners if partner.get("nom")]
        return f"{', '.join(names)}, par France Travail" if names else "France Travail"

    @property
    def origin(self) -> str:
        """Return the page of publication, as text (S33, art. 9).

        If preselected, omit a partner's page: it shows the employer's contact.
        """
        address = self.part("origineOffre").get("urlOrigine") or ""
        is_ours = address.startswith(PUBLIC_SITE)
        shown = self.offer.published and (is_ours or self.offer.shows_employer_contact)
        return address if shown else ""

    @property
    def mode(self) -> str:
        return MODES_SHOWN[self.offer.mode]

    @property
    def mode_explained(self) -> str:
        return {
            Mode.DIRECT: "Le candidat contacte lui-même l’employeur.",
            Mode.DELEGATED: "France Travail délègue la présélection : les candidatures "
            "retenues lui sont présentées.",
            Mode.PRESELECTED: "France Travail examine les candidatures avant "
            "l’employeur.",
        }[self.offer.mode]


def place_of(offer: Offer, postcode: str = "") -> str:
    """Return « Bonneville (38) », with its official accents."""
    commune = offer.commune_code and french_gazetteer().commune(offer.commune_code)
    name = commune.name if commune else ""
    return formatting.place(offer.place_label, name, postcode)


def distance_from_structure(offer: Offer, structure: Structure) -> float | None:
    """Return kilometres from the structure, if both have a point."""
    home = next(iter(find_areas([structure.commune_code])), None)
    if home is None or home.point is None:
        return None
    if offer.latitude is None or offer.longitude is None:
        return None
    return distance_km(*home.point, offer.latitude, offer.longitude)
