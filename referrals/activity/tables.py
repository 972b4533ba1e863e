import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from django.conf import settings
from django.utils import timezone

from accounts.structures.models import Structure
from accounts.users.models.users import User
from offers.reference.models import Commune
from opus.lib.database.name_order import ByName
from opus.lib.dates.formats import date_format
from opus.lib.dates.months import past_months
from opus.lib.privacy.personal_data import delays
from opus.lib.statistics import small_counts
from opus.lib.statistics.small_counts import Shown
from referrals.activity.counts import (
    DELAYS,
    ENDED,
    KEPT,
    Count,
    Counts,
    Times,
    counts_of,
)
from referrals.activity.periods import Period
from referrals.activity.scopes import Scope
from referrals.activity.words import ALL, DOMAINS, KINDS, STAGES, STATES, UNKNOWN
from referrals.acts.act_rights import ActKind
from referrals.acts.models.outcomes import OutcomeCode, OutcomeKind
from referrals.acts.models.placements import Placement

# Communes with a row of their own; the others are counted together.
MOST_COMMUNES = 10
CANCELLED_WORD = "Annulés"
NO_FIGURE = "—"


@dataclasses.dataclass(frozen=True)
class Row:
    label: str
    cells: Sequence[Shown]
    is_total: bool = False


@dataclasses.dataclass(frozen=True)
class Table:
    slug: str
    title: str
    first: str
    columns: Sequence[str]
    rows: Sequence[Row]
    note: str = ""

    @property
    def is_narrow(self) -> bool:
        """Return whether it stays a table on a phone."""
        return len(self.columns) == 1

    @property
    def lines(self) -> list[dict[str, object]]:
        """Return each number with its column's name, for templates."""
        return [
            {
                "label": row.label,
                "is_total": row.is_total,
                "cells": list(zip(self.columns, row.cells, strict=True)),
            }
            for row in self.rows
        ]


@dataclasses.dataclass(frozen=True)
class Activity:
    scope: Scope
    period: Period
    kinds: Table
    months: Table
    states: Sequence[Table]
    delays: Table
    others: Sequence[Table]
    is_empty: bool

    @property
    def tables(self) -> list[Table]:
        return [self.kinds, self.months, *self.states, self.delays, *self.others]

    @property
    def title(self) -> str:
        return f"{self.scope.label}, {self.period}"

    @property
    def notes(self) -> list[str]:
        at = date_format(timezone.localtime(), "j F Y à G \\h i")
        notes = [
            f"Suivi de l’activité : {self.title}. Chiffres du {at}, d’après Opus.",
            PURPOSE,
        ]
        if self.scope.is_masked:
            notes.append(MASKED)
        if self.is_past_a_term:
            notes.append(self.gone)
        return notes

    @property
    def is_past_a_term(self) -> bool:
        """Return whether acts of these months may be deleted (V9)."""
        shortest = min(settings.KEPT.acts, settings.KEPT.unregistered)
        return self.period.starts_at < past_months(shortest)

    @property
    def gone(self) -> str:
        """Return since when acts are missing."""
        words = delays()
        return (
            "Les actes des personnes dont le dernier évènement date de plus de "
            f"{words['acts']} ({words['unregistered']} sans identifiant France "
            "Travail) ont été supprimés (convention, art. 10) : ils ne sont plus "
            "comptés ici. France Travail en garde des comptes sans nom."
        )


PURPOSE = (
    "Ces chiffres servent aux réunions de bilan de la convention (art. 11). Ils ne "
    "mesurent pas le travail des personnes et n’en font aucun classement."
)
MASKED = (
    "Les nombres de 1 à 4 sont masqués (« moins de 5 ») et les autres arrondis à un "
    "multiple de 5, pour que personne ne soit reconnu : un total peut donc "
    "différer de la somme de ses lignes."
)


def activity_of(scope: Scope, period: Period) -> Activity:
    counts = counts_of(scope, period)
    teller = Teller(scope.is_masked)
    others = [domains_table(counts, teller), communes_table(counts, teller)]
    if scope.has_advisers:
        others.append(advisers_table(counts, teller))
    if scope.has_structures:
        others.append(structures_table(counts, teller))
    return Activity(
        scope,
        period,
        kinds=kinds_table(counts, teller),
        months=months_table(counts, period, teller),
        states=list(states_tables(counts, teller)),
        delays=delays_table(counts, teller),
        others=others,
        is_empty=not counts.whole.made,
    )


@dataclasses.dataclass(frozen=True)
class Teller:
    is_masked: bool

    def one(self, count: int) -> Shown:
        show = small_counts.masked if self.is_masked else small_counts.exact
        return show(count)

    def parts(
        self,
        whole: int,
        parts: Sequence[int],
        sums: Sequence[tuple[int, Sequence[int]]] = (),
    ) -> Sequence[Shown]:
        """Return the rows of a total; ``sums``: of some rows."""
        if self.is_masked:
            return small_counts.share_out(whole, parts, sums)
        return [small_counts.exact(part) for part in parts]


def kinds_table(counts: Counts, teller: Teller) -> Table:
    names = [*STAGES, "cancelled"]
    of_kind = [counts.kinds.get(kind, Count()) for kind in KINDS]
    columns = [
        teller.parts(
            getattr(counts.whole, name), [getattr(count, name) for count in of_kind]
        )
        for name in names
    ]
    rows = [
        Row(label, [column[number] for column in columns])
        for number, label in enumerate(KINDS.values())
    ]
    whole = [teller.one(getattr(counts.whole, name)) for name in names]
    return Table(
        "types",
        "Par type d’acte",
        "Type d’acte",
        [*STAGES.values(), CANCELLED_WORD],
        [*rows, Row(ALL, whole, is_total=True)],
        "« Suite connue » : une suite est enregistrée, le CV ou la candidature a reçu "
        "sa réponse, la personne convoquée est venue ou non.",
    )


def months_table(counts: Counts, period: Period, teller: Teller) -> Table:
    rows = [(date_format(day, "F Y"), counts.months[day]) for day in period.months]
    return parts_table("mois", "Par mois", "Mois", rows, counts, teller)


def states_tables(counts: Counts, teller: Teller) -> Iterator[Table]:
    codes = {code.pk: code for code in OutcomeCode.objects.all()}
    for kind, label in KINDS.items():
        found = states_of(kind, counts, codes)
        if not found:
            continue
        count = counts.kinds[kind]
        places = list(enumerate(found))
        sums = [
            (count.ended, [at for at, key in places if key[1] in ENDED[kind]]),
            (count.good, [at for at, key in places if is_good(key, codes)]),
        ]
        shown = teller.parts(count.made, [counts.states[key] for key in found], sums)
        rows = [
            Row(state_word(kind, key, codes), [cell])
            for key, cell in zip(found, shown, strict=True)
        ]
        yield Table(f"etats-{kind.value}", label, "État", ["Actes"], rows)


def states_of(
    kind: ActKind, counts: Counts, codes: Mapping[str, OutcomeCode]
) -> list[tuple[str, str, str]]:
    order = list(STATES[kind].values)
    return sorted(
        (key for key in counts.states if key[0] == kind),
        key=lambda key: (order.index(key[1]), codes[key[2]].position if key[2] else 0),
    )


def is_good(key: tuple[str, str, str], codes: Mapping[str, OutcomeCode]) -> bool:
    _, state, code = key
    return state in KEPT or (code in codes and codes[code].kind == OutcomeKind.HIRED)


def state_word(
    kind: ActKind, key: tuple[str, str, str], codes: Mapping[str, OutcomeCode]
) -> str:
    _, state, code = key
    if state == Placement.ENDED and code:
        return str(codes[code])
    word = str(STATES[kind](state).label)
    return word[0].upper() + word[1:]


def delays_table(counts: Counts, teller: Teller) -> Table:
    rows = []
    for what, times in (("remise", counts.to_hand), ("suite", counts.to_end)):
        for kind, label in [*KINDS.items(), ("", ALL)]:
            row = delay_row(times.get(kind, Times()), teller)
            rows.append(Row(f"{label}, jusqu’à la {what}", row, is_total=not kind))
    return Table(
        "delais",
        "Délais",
        "Acte, de son jour à…",
        [
            "Actes mesurés",
            "Médiane (jours)",
            *(f"En {days} jours ou moins" for days in DELAYS),
        ],
        rows,
        "La moitié des actes va plus vite que la médiane. Les actes annulés et ceux "
        "qui attendent encore ne sont pas mesurés.",
    )


def delay_row(times: Times, teller: Teller) -> list[Shown]:
    measured = teller.one(times.measured)
    # Hidden for few acts: the median would be one person's delay.
    is_told = times.median is not None and not measured.is_masked
    median = (
        small_counts.exact(times.median or 0)
        if is_told
        else dataclasses.replace(small_counts.NOTHING_TOLD, label=NO_FIGURE)
    )
    within = [with_share(teller.one(count), measured) for count in times.within]
    return [measured, median, *within]


def with_share(part: Shown, whole: Shown) -> Shown:
    share = small_counts.share(part, whole)
    if share is None:
        return part
    return dataclasses.replace(part, label=f"{part.label} ({share}\N{NO-BREAK SPACE}%)")


def domains_table(counts: Counts, teller: Teller) -> Table:
    known = [(label, counts.domains[letter]) for letter, label in DOMAINS.items()]
    other = sum(counts.domains.values()) - sum(count for _, count in known)
    rows = [(label, count) for label, count in known if count]
    if other:
        rows.append((UNKNOWN, other))
    title = "Par grand domaine de métiers (ROME)"
    return parts_table("metiers", title, "Domaine", rows, counts, teller)


def communes_table(counts: Counts, teller: Teller) -> Table:
    """Communes of the offers, by number of acts."""
    named = Counter({code: n for code, n in counts.communes.items() if code})
    first = sorted(named.items(), key=lambda item: (-item[1], item[0]))[:MOST_COMMUNES]
    communes = Commune.objects.in_bulk([code for code, _ in first])
    rows = [(str(communes.get(code, code)), count) for code, count in first]
    if teller.is_masked:
        # Sort by name: order by count would reveal the larger of two masked numbers.
        rows.sort()
    if rest := sum(named.values()) - sum(count for _, count in first):
        rows.append(("Autres communes", rest))
    if unknown := sum(counts.communes.values()) - sum(named.values()):
        rows.append((UNKNOWN, unknown))
    return parts_table(
        "communes", "Par commune de l’offre", "Commune", rows, counts, teller
    )


def advisers_table(counts: Counts, teller: Teller) -> Table:
    """A structure's advisers, by name: no ranking (V19)."""
    people = User.objects.filter(pk__in=counts.advisers).order_by(
        ByName("last_name"), ByName("first_name"), "pk"
    )
    rows = [(str(person), counts.advisers[person.pk]) for person in people]
    return parts_table(
        "conseillers", "Par conseiller", "Conseiller", rows, counts, teller
    )


def structures_table(counts: Counts, teller: Teller) -> Table:
    structures = Structure.objects.filter(pk__in=counts.structures)
    rows = [
        (str(structure), counts.structures[structure.pk])
        for structure in structures.order_by(ByName("name"), "pk")
    ]
    return parts_table("structures", "Par structure", "Structure", rows, counts, teller)


def parts_table(
    slug: str,
    title: str,
    first: str,
    rows: Sequence[tuple[str, int]],
    counts: Counts,
    teller: Teller,
) -> Table:
    shown = teller.parts(counts.whole.made, [count for _, count in rows])
    lines = [Row(label, [cell]) for (label, _), cell in zip(rows, shown, strict=True)]
    whole = Row(ALL, [teller.one(counts.whole.made)], is_total=True)
    return Table(slug, title, first, ["Actes faits"], [*lines, whole])
