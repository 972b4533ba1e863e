"""The filters by choices: names, choices, conditions.

Choices of one filter are ORed, filters are ANDed (design 6). Only the first filters
show counts: each more column would multiply the combinations that one pass counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any, NamedTuple

from django.db.models import F, Q, Value

from offers.enums import Mode
from offers.payload.contract import CONTRACTS, NATURES
from offers.payload.profile import PERMITS
from offers.search.words import Matches, Read


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
        chosen = [o.stored for o in self.options if o.value in values]
        each = (one if isinstance(one, tuple) else (one,) for one in chosen)
        return list(chain.from_iterable(each))

    def rows(self, values: Collection[str]) -> Q:
        stored = self.stored(values)
        if self.column:
            return Q((f"{self.column}__in", stored))
        return reduce(or_, stored)


def by_code(labels: Mapping[str, str]) -> tuple[Option, ...]:
    return tuple(Option(code, label, code) for code, label in labels.items())


def choices(
    name: str, column: str, legend: str, *options: tuple[str, str, Any]
) -> Filter:
    return Filter(name, column, legend, tuple(Option(*option) for option in options))


# --- Filters with a count for each choice ---------------------------------------------

FILTERS = (
    Filter("contrat", "contract", "Contrat", by_code(CONTRACTS)),
    choices(
        *("mode", "mode", "Présélection"),
        ("sans", "Sans présélection", Mode.DIRECT.value),
        ("deleguee", "Présélection déléguée", Mode.DELEGATED.value),
        ("preselection", "Présélection France Travail", Mode.PRESELECTED.value),
    ),
    choices(
        *("publiee", "published", "Publication"),
        ("non", "Non publiée ailleurs", False),
        ("oui", "Publiée ailleurs", True),
    ),
    choices(
        *("temps", "full_time", "Temps de travail"),
        ("plein", "Temps plein", True),
        ("partiel", "Temps partiel", False),
    ),
    choices(
        *("experience", "experience", "Expérience"),
        ("D", "Débutant accepté", "D"),
        ("S", "Expérience souhaitée", "S"),
        ("E", "Expérience exigée", "E"),
    ),
    choices(
        *("th", "accessible_th", "Accessibilité"),
        ("oui", "Accessible aux travailleurs handicapés", True),
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
    bounds = {f"{column}__gte": least, f"{column}__lt": below}
    return Q(*((name, value) for name, value in bounds.items() if value is not None))


IN_TITLES = "'altern':A | 'apprent':A | 'apprentissag':A"


def says(stems: str) -> Q:
    """Return rows whose texts have these stems."""
    return Q(Matches(F("vector"), Read(Value(stems))))


def yes(name: str, column: str, label: str, stored: Any = True) -> Filter:
    """Return a filter of one choice: « peu=oui »."""
    return choices(name, column, label, ("oui", label, stored))


MORE_FILTERS = (
    # Many offers say it in their title alone.
    yes("alternance", "", "Alternance", Q(nature__in=ALTERNATING) | says(IN_TITLES)),
    yes("aide", "nature", "Contrats aidés (CUI, emplois d’avenir)", AIDED),
    choices(
        *("duree", "", "Durée du contrat"),
        ("moins-de-1", "Moins d’un mois", between("contract_months", None, 1)),
        ("1-3", "1 à moins de 3 mois", between("contract_months", 1, 3)),
        ("3-6", "3 à moins de 6 mois", between("contract_months", 3, 6)),
        ("6-12", "6 à moins de 12 mois", between("contract_months", 6, 12)),
        ("12-et-plus", "12 mois et plus", between("contract_months", 12, None)),
    ),
    choices(
        *("heures", "", "Heures par semaine"),
        ("moins-de-15", "Moins de 15 h", between("weekly_hours", None, 15)),
        ("15-24", "15 h à moins de 24 h", between("weekly_hours", 15, 24)),
        ("24-35", "24 h à moins de 35 h", between("weekly_hours", 24, 35)),
        ("35", "35 h", Q(weekly_hours=35)),
        ("plus-de-35", "Plus de 35 h", Q(weekly_hours__gt=35)),
    ),
    choices(
        *("horaire", "", "Horaires"),
        ("nuit", "De nuit", says("'nuit'")),
        ("week-end", "Le week-end", says("'week' <-> 'end' | 'weekend'")),
    ),
    choices(
        *("permis", "", "Permis"),
        ("aucun", "Aucun permis demandé", Q(permits__isnull=True)),
        *(
            (code, f"Permis {label}", Q(permits__overlap=[code]))
            for code, label in PERMITS.items()
        ),
    ),
    choices(
        *("formation", "training", "Formation demandée"),
        ("aucune", "Aucune formation scolaire", 0),
        ("brevet", "Brevet ou fin de collège", 2),
        ("cap", "CAP, BEP", 3),
        ("bac", "Bac", 4),
        ("bac2", "Bac + 2", 5),
        ("bac3", "Bac + 3 ou 4", 6),
        ("bac5", "Bac + 5 et plus", 7),
    ),
    choices(
        *("qualification", "is_cadre", "Qualification"),
        ("non-cadre", "Non-cadre", False),
        ("cadre", "Cadre", True),
    ),
    yes("peu", "few_candidates", "Peu de candidats"),
    yes("adaptee", "adapted", "Entreprise adaptée"),
    yes("handi", "handi_engaged", "Employeur handi-engagé"),
    choices(
        *("origine", "from_partner", "Origine"),
        ("francetravail", "Offre de France Travail", False),
        ("partenaire", "Offre d’un site partenaire", True),
    ),
)
ALL_FILTERS = (*FILTERS, *MORE_FILTERS)
BY_NAME = {each.name: each for each in ALL_FILTERS}
# Filters whose choices say little without their name: « 35 h ».
NEED_THEIR_NAME = ("heures", "duree", "formation")


def full_label(each: Filter, option: Option) -> str:
    """Return the label of a choice out of its group."""
    label = option.label
    if each.name not in NEED_THEIR_NAME:
        return label
    return f"{each.legend}\N{NO-BREAK SPACE}: {label[0].lower()}{label[1:]}"
