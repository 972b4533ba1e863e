"""The filters by choices: names, choices, conditions.

Choices of one filter are ORed, filters are ANDed (design 6). Only the first filters
show counts: each more column would multiply the combinations that one pass counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import Q

from offers.enums import Mode
from offers.payload.contract import CONTRACTS, NATURES
from offers.payload.profile import PERMITS


class Option(NamedTuple):
    """One choice: its code in the address, label, stored value.

    ``stored``: a value of the column, a tuple of values, or a condition if the filter
    has no column.
    """

    value: str
    label: str
    stored: Any


class Filter(NamedTuple):
    name: str
    column: str
    legend: str
    options: tuple[Option, ...]

    def option(self, value: str) -> Option | None:
        return next((o for o in self.options if o.value == value), None)

    def stored(self, values: Collection[str]) -> list[Any]:
        """Return column values of these choices, or their conditions."""
        stored: list[Any] = []
        for option in self.options:
            if option.value in values:
                several = isinstance(option.stored, tuple)
                stored.extend(option.stored if several else (option.stored,))
        return stored

    def rows(self, values: Collection[str]) -> Q:
        stored = self.stored(values)
        if self.column:
            return Q((f"{self.column}__in", stored))
        return reduce(or_, stored)


def by_code(labels: Mapping[str, str]) -> tuple[Option, ...]:
    return tuple(Option(code, label, code) for code, label in labels.items())


# --- Filters with a count for each choice ---------------------------------------------

FILTERS = (
    Filter("contrat", "contract", "Contrat", by_code(CONTRACTS)),
    Filter(
        "mode",
        "mode",
        "Présélection",
        (
            Option("sans", "Sans présélection", Mode.DIRECT.value),
            Option("deleguee", "Présélection déléguée", Mode.DELEGATED.value),
            Option(
                "preselection", "Présélection France Travail", Mode.PRESELECTED.value
            ),
        ),
    ),
    Filter(
        "publiee",
        "published",
        "Publication",
        (
            Option("non", "Non publiée ailleurs", False),
            Option("oui", "Publiée ailleurs", True),
        ),
    ),
    Filter(
        "temps",
        "full_time",
        "Temps de travail",
        (
            Option("plein", "Temps plein", True),
            Option("partiel", "Temps partiel", False),
        ),
    ),
    Filter(
        "experience",
        "experience",
        "Expérience",
        (
            Option("D", "Débutant accepté", "D"),
            Option("S", "Expérience souhaitée", "S"),
            Option("E", "Expérience exigée", "E"),
        ),
    ),
    Filter(
        "th",
        "accessible_th",
        "Accessibilité",
        (Option("oui", "Accessible aux travailleurs handicapés", True),),
    ),
    Filter("nature", "nature", "Nature du contrat", by_code(NATURES)),
)

# --- The others -----------------------------------------------------------------------

# Contrats aidés: the contrat unique d'insertion (Code du travail, art. L. 5134-19-1) as
# CAE (L. 5134-20) and as CIE (L. 5134-65), and the emploi d'avenir (L. 5134-110, and
# L. 5134-120 for teachers). Insertion par l'activité économique (L. 5132-1) differs: it
# is under « nature ».
AIDED = ("FT", "FU", "FW", "FX", "FY")
# Apprenticeship and professionnalisation (art. L. 6221-1 and L. 6325-1).
ALTERNATING = ("E2", "FS")


def between(column: str, least: float | None, below: float | None) -> Q:
    """Return rows from ``least`` on and under ``below``."""
    rows = Q()
    if least is not None:
        rows &= Q((f"{column}__gte", least))
    if below is not None:
        rows &= Q((f"{column}__lt", below))
    return rows


def yes(name: str, column: str, label: str, stored: Any = True) -> Filter:
    """Return a filter of one choice: « peu=oui »."""
    return Filter(name, column, label, (Option("oui", label, stored),))


MORE_FILTERS = (
    yes("alternance", "nature", "Alternance", ALTERNATING),
    yes("aide", "nature", "Contrats aidés (CUI, emplois d’avenir)", AIDED),
    Filter(
        "duree",
        "",
        "Durée du contrat",
        (
            Option(
                "moins-de-1", "Moins d’un mois", between("contract_months", None, 1)
            ),
            Option("1-3", "1 à moins de 3 mois", between("contract_months", 1, 3)),
            Option("3-6", "3 à moins de 6 mois", between("contract_months", 3, 6)),
            Option("6-12", "6 à moins de 12 mois", between("contract_months", 6, 12)),
            Option(
                "12-et-plus", "12 mois et plus", between("contract_months", 12, None)
            ),
        ),
    ),
    Filter(
        "heures",
        "",
        "Heures par semaine",
        (
            Option("moins-de-15", "Moins de 15 h", between("weekly_hours", None, 15)),
            Option("15-24", "15 h à moins de 24 h", between("weekly_hours", 15, 24)),
            Option("24-35", "24 h à moins de 35 h", between("weekly_hours", 24, 35)),
            Option("35", "35 h", Q(weekly_hours=35)),
            Option("plus-de-35", "Plus de 35 h", Q(weekly_hours__gt=35)),
        ),
    ),
    Filter(
        "permis",
        "",
        "Permis",
        (
            Option("aucun", "Aucun permis demandé", Q(permits__isnull=True)),
            *(
                Option(code, f"Permis {label}", Q(permits__overlap=[code]))
                for code, label in PERMITS.items()
            ),
        ),
    ),
    Filter(
        "formation",
        "training",
        "Formation demandée",
        (
            Option("aucune", "Aucune formation scolaire", 0),
            Option("brevet", "Brevet ou fin de collège", 2),
            Option("cap", "CAP, BEP", 3),
            Option("bac", "Bac", 4),
            Option("bac2", "Bac + 2", 5),
            Option("bac3", "Bac + 3 ou 4", 6),
            Option("bac5", "Bac + 5 et plus", 7),
        ),
    ),
    Filter(
        "qualification",
        "is_cadre",
        "Qualification",
        (Option("non-cadre", "Non-cadre", False), Option("cadre", "Cadre", True)),
    ),
    yes("peu", "few_candidates", "Peu de candidats"),
    yes("adaptee", "adapted", "Entreprise adaptée"),
    yes("handi", "handi_engaged", "Employeur handi-engagé"),
    Filter(
        "origine",
        "from_partner",
        "Origine",
        (
            Option("francetravail", "Offre de France Travail", False),
            Option("partenaire", "Offre d’un site partenaire", True),
        ),
    ),
)
ALL_FILTERS = (*FILTERS, *MORE_FILTERS)
BY_NAME = {each.name: each for each in ALL_FILTERS}
# Filters whose choices say little without their name: « 35 h ».
NEED_THEIR_NAME = ("heures", "duree", "formation")


def full_label(each: Filter, option: Option) -> str:
    """Return the label of a choice out of its group."""
    if each.name not in NEED_THEIR_NAME:
        return option.label
    return (
        f"{each.legend}\N{NO-BREAK SPACE}: {option.label[0].lower()}{option.label[1:]}"
    )
