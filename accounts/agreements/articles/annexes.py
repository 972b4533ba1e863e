"""Annexes 1 and 2 on a day, each term with the day that set it."""

import dataclasses
import datetime as dt
from typing import Any

from accounts.agreements.models.amendments import in_words
from accounts.agreements.models.conventions import Convention
from accounts.agreements.models.terms import changes_of

UNNAMED = "à désigner"


@dataclasses.dataclass(frozen=True)
class Row:
    label: str
    value: str
    # None if it is as signed.
    changed_on: dt.date | None = None


@dataclasses.dataclass(frozen=True)
class Annexes:
    day: dt.date
    services: list[Row]
    correspondents: list[Row]

    @property
    def is_amended(self) -> bool:
        return any(row.changed_on for row in (*self.services, *self.correspondents))


def annexes_on(convention: Convention, day: dt.date) -> Annexes:
    """Return both annexes as amended up to that day (art. 5.2)."""
    changed = changes_until(convention, day)
    terms = convention.terms_on(day)

    def row(label: str, value: str, *names: str) -> Row:
        days = [changed[name] for name in names if name in changed]
        return Row(label, value, max(days, default=None))

    def contact(label: str, side: str) -> Row:
        names = (f"{side}_contact", f"{side}_contact_email", f"{side}_contact_phone")
        name, email, phone = (getattr(terms, each) for each in names)
        # A number stays on one line.
        parts = filter(None, [name, email, phone.replace(" ", "\xa0")])
        return row(label, ", ".join(parts) or UNNAMED, *names)

    return Annexes(
        day,
        services=[
            row(
                "Consultation des offres : toutes les offres de France Travail, y "
                "compris celles qui ne sont pas publiées",
                in_words(terms.consultation),
                "consultation",
            ),
            row(
                "Délégation de la mise en relation : les mises en relation sur ces "
                "offres",
                in_words(terms.referrals),
                "referrals",
            ),
        ],
        correspondents=[
            Row("Structure de référence de France Travail", place_of(convention)),
            Row("Responsable de gestion des comptes (RGC)", rgc_on(convention, day)),
            contact("Responsable du suivi, dans la structure", "partner"),
            contact(
                "Correspondant de France Travail, qui fournit le compte du RGC", "ft"
            ),
            row(
                "Comptes actifs en même temps, celui du RGC non compté",
                str(terms.quota),
                "quota",
            ),
        ],
    )


def changes_until(convention: Convention, day: dt.date) -> dict[str, dt.date]:
    """Map each amended term to the day of its last change."""
    last: dict[str, dt.date] = {}
    for change in convention.confirmed_changes():
        if change["effective_on"] <= day:
            last.update(dict.fromkeys(changes_of(change), change["effective_on"]))
    return last


def place_of(convention: Convention) -> str:
    agency = convention.agency
    codes = f"{agency.name} (SAFIR {agency.safir}"
    codes += f", AURORE {agency.aurore})" if agency.aurore else ")"
    return ", ".join(filter(None, [codes, address_of(agency)]))


def address_of(place: Any) -> str:
    """Return the address of an agency or a structure on one line."""
    city = f"{place.postcode} {place.city}".strip()
    return ", ".join(filter(None, [place.address, city]))


def rgc_on(convention: Any, day: dt.date) -> str:
    """Return the RGC in office that day, else the one proposed."""
    rows = convention.nominations.order_by("proposed_on", "pk")
    in_office = rows.filter(office_on__lte=day).exclude(ended_on__lte=day).last()
    to_come = rows.awaiting_decision() | rows.awaiting_account()
    to_come |= rows.awaiting_notification() | rows.awaiting_office()
    nomination = in_office or to_come.last()
    if nomination is None:
        return "désigné selon l’article 4.1"
    name = f"{nomination.full_name}, {nomination.function}"
    return name if in_office else f"{name}, dont la désignation suit l’article 4.1"
