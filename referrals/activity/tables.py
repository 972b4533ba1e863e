"""The tables and key figures of the follow-up, as each reader may see them."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Self

from django.conf import settings
from django.utils import timezone

from accounts.meetings.models import ReviewMeeting
from accounts.structures.models import Structure
from accounts.users.models import User
from offers.reference.models import Commune
from opus.lib import statistics
from opus.lib.database.name_order import ByName
from opus.lib.dates import date_format, past_months
from opus.lib.privacy.personal_data import delays
from opus.lib.statistics import Plot, Shown, lines_of
from referrals.activity.counts import (
    CAME,
    DELAYS,
    ENDED,
    KEPT,
    Count,
    Counts,
    Period,
    Scope,
    Times,
    counts_of,
)
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act
from referrals.acts.outcomes import OutcomeCode, OutcomeKind
from referrals.acts.states import PLACEMENTS, STATES

KINDS = {
    ActKind.REFERRAL: "Mises en contact",
    ActKind.SCREENED_REFERRAL: "Mises en contact avec présélection",
    ActKind.CV_REQUEST: "Demandes de CV",
    ActKind.APPOINTMENT: "Convocations",
}
STAGES = {
    "made": "Faits",
    "handed": "Document remis",
    "ended": "Suite connue",
    "good": "Embauche ou retenue",
}
# What became of the acts: each act is in one row.
FATES = (
    "Embauche ou retenue",
    "Autre suite",
    "En attente d’une suite",
    "Document non remis",
    "Annulées",
)
ALL = "Toutes les propositions"
# The fourteen domains of the ROME, by the first letter of a trade's code.
DOMAINS = {
    "A": "Agriculture, pêche, espaces verts, animaux",
    "B": "Arts et façonnage d’ouvrages d’art",
    "C": "Banque, assurance, immobilier",
    "D": "Commerce, vente, grande distribution",
    "E": "Communication, média, multimédia",
    "F": "Construction, bâtiment, travaux publics",
    "G": "Hôtellerie-restauration, tourisme, loisirs",
    "H": "Industrie",
    "I": "Installation et maintenance",
    "J": "Santé",
    "K": "Services à la personne et à la collectivité",
    "L": "Spectacle",
    "M": "Support à l’entreprise",
    "N": "Transport et logistique",
}
UNKNOWN = "Non précisé"
OTHER_COMMUNES = "Autres communes"

NO_FIGURE = dataclasses.replace(statistics.NOTHING_TOLD, label="—")
# Below, a percentage would say more than the numbers do.
LEAST_FOR_PERCENT = 20
NBSP = "\N{NO-BREAK SPACE}"


@dataclasses.dataclass(frozen=True)
class Teller:
    """How numbers are shown: exact, or masked."""

    is_masked: bool

    def withholds(self, count: int) -> bool:
        """Return whether a total is too small for any breakdown."""
        return self.is_masked and 0 < count < statistics.SMALL

    def one(self, count: int) -> Shown:
        show = statistics.masked if self.is_masked else statistics.exact
        return show(count)

    def parts(
        self,
        whole: int,
        parts: Sequence[int],
        sums: Sequence[tuple[int, Sequence[int]]] = (),
    ) -> Sequence[Shown]:
        """Return the rows of a total; ``sums``: of some rows."""
        if self.is_masked:
            return statistics.share_out(whole, parts, sums)
        return [statistics.exact(part) for part in parts]

    def narrows(self, whole: int, rows: Sequence[Shown]) -> bool:
        return self.is_masked and statistics.narrows(self.one(whole), rows)

    def median(self, times: Times) -> Shown:
        """Hide a median of few acts: it would be one person's delay."""
        if times.median is None or self.withholds(times.measured):
            return NO_FIGURE
        return statistics.exact(times.median)


@dataclasses.dataclass(frozen=True)
class Figure:
    label: str
    shown: Shown
    before: Shown
    detail: str = ""
    unit: str = ""

    @property
    def text(self) -> str:
        return worded(self.shown, self.unit)

    @property
    def text_before(self) -> str:
        return worded(self.before, self.unit)

    @property
    def change(self) -> int | None:
        """Return the difference of the two shown numbers."""
        if self.shown.value is None or self.before.value is None:
            return None
        return self.shown.value - self.before.value

    @property
    def arrow(self) -> str:
        change = self.change or 0
        return "▲" if change > 0 else "▼" if change else "="

    @property
    def trend(self) -> str:
        """Return the change in figures, « +18 % », or nothing."""
        change, before = self.change, self.before.value
        if change is None or before is None:
            return ""
        if not change:
            return "stable"
        sign = "+" if change > 0 else "−"
        if self.unit:
            return sign + worded(statistics.exact(abs(change)), self.unit)
        if before < LEAST_FOR_PERCENT:
            return f"{sign}{statistics.spaced(abs(change))}"
        percent = round(100 * abs(change) / before)
        return f"{sign}{statistics.spaced(percent)}{NBSP}%"


def worded(shown: Shown, unit: str) -> str:
    if shown.value is None or not unit:
        return str(shown)
    return f"{shown}{NBSP}{unit}{'s' if shown.value > 1 else ''}"


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
    has_bars: bool = False

    @property
    def is_narrow(self) -> bool:
        """Return whether it stays a table on a phone."""
        return len(self.columns) == 1

    def bar_of(self, row: Row) -> int:
        """Return its bar's length, in hundredths of the longest."""
        most = max((other.cells[0].value or 0) for other in self.parts)
        return round(100 * (row.cells[0].value or 0) / most) if most else 0

    @property
    def without_zeros(self) -> Self:
        """Return it without its rows of nothing; hidden rows all stay."""
        rows = [row for row in self.rows if row.is_total or row.cells[0].value != 0]
        return dataclasses.replace(self, rows=rows)

    @property
    def parts(self) -> list[Row]:
        return [row for row in self.rows if not row.is_total]

    @property
    def lines(self) -> list[dict[str, object]]:
        """Return each number with its column's name, for templates."""
        return [
            {
                "label": row.label,
                "is_total": row.is_total,
                "bar": self.has_bars and not row.is_total and self.bar_of(row),
                "cells": list(zip(self.columns, row.cells, strict=True)),
            }
            for row in self.rows
        ]


# Communes with a row of their own; the others are counted together.
MOST_COMMUNES = 10


class Activity:
    """The follow-up of some acts; each table is made once it is read."""

    def __init__(self, scope: Scope, period: Period) -> None:
        self.scope, self.period = scope, period
        self.before = period.year_before if scope.is_masked else period.before
        self.counts = counts_of(scope, period)
        self.counts_before = counts_of(scope, self.before)
        self.teller = Teller(scope.is_masked)
        self.is_empty = not self.counts.whole.made
        # Too few acts for a breakdown: it would tell of persons.
        self.is_withheld = self.teller.withholds(self.counts.whole.made)

    @property
    def tables(self) -> list[Table]:
        if self.is_withheld:
            return []
        first = [self.fates, self.months, self.domains, self.communes]
        return [*first, *self.details]

    @property
    def first_tables(self) -> list[Table]:
        return [self.fates, self.communes, self.domains]

    @property
    def comparison(self) -> str:
        """Return what the comparison is worth, or nothing."""
        if len(self.before.months) != len(self.period.months):
            return "L’année n’est pas finie, les deux périodes ne se comparent pas."
        if is_past_a_term(self.before):
            return (
                "Des propositions de cette période ont pu être supprimées à leur "
                "terme : une hausse peut être moindre qu’il n’y paraît."
            )
        return ""

    @property
    def details(self) -> list[Table]:
        return [self.kinds, *self.states, self.delays, *self.others]

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
        return is_past_a_term(self.period)

    @property
    def is_comparable(self) -> bool:
        """Return whether the period before is as long, and not all deleted."""
        is_as_long = len(self.before.months) == len(self.period.months)
        return is_as_long and self.before.ends_at > past_months(settings.KEPT.acts)

    @property
    def gone(self) -> str:
        """Return since when acts are missing."""
        words = delays()
        return (
            "Les propositions des candidats dont le dernier évènement date de plus de "
            f"{words['acts']} ({words['unregistered']} sans identifiant France "
            "Travail) ont été supprimées (convention, art. 10) : elles ne sont plus "
            "comptées ici. France Travail en garde des comptes sans nom."
        )

    def _parts(
        self,
        slug: str,
        title: str,
        first: str,
        rows: Sequence[tuple[str, int]],
        sums: Sequence[tuple[int, Sequence[int]]] = (),
    ) -> Table:
        made, labels = self.counts.whole.made, [label for label, _ in rows]
        shown = self.teller.parts(made, [count for _, count in rows], sums)
        lines = [Row(label, [one]) for label, one in zip(labels, shown, strict=True)]
        whole = Row(ALL, [self.teller.one(made)], is_total=True)
        return Table(slug, title, first, ["Propositions faites"], [*lines, whole])

    def _named(
        self, slug: str, title: str, first: str, rows: Sequence[tuple[str, int]]
    ) -> Table:
        """Return a table of named rows, or its total alone.

        Masked, a row has its name from five acts on: a name without a number would tell
        that there are some.
        """
        table = self._parts(slug, title, first, rows).without_zeros
        if any(row.cells[0] is statistics.NOTHING_TOLD for row in table.rows):
            return dataclasses.replace(table, rows=table.rows[-1:])
        return table

    @cached_property
    def figures(self) -> list[Figure]:
        """Return acts, hand-overs, appointments kept, hires and delay."""
        counts, before, show = self.counts, self.counts_before, self.teller.one
        made = show(counts.whole.made), show(before.whole.made)
        acts = Figure("Propositions faites", *made)
        if self.is_withheld:
            return [acts]
        is_hidden = self.teller.withholds(before.whole.made)

        def pair(count: int, count_before: int) -> tuple[Shown, Shown]:
            return show(count), NO_FIGURE if is_hidden else show(count_before)

        hires = pair(counts.hires, before.hires)
        share = statistics.share(hires[0], show(counts.placements))
        to_end, to_end_before = (
            one.to_end.get("", Times()) for one in (counts, before)
        )
        known = counts.kinds.get(ActKind.APPOINTMENT, Count()).ended
        return [
            acts,
            Figure(
                "Documents remis",
                *pair(counts.whole.handed, before.whole.handed),
                detail=f"{show(counts.whole.to_hand)} non remis",
            ),
            Figure(
                "Rendez-vous honorés",
                *pair(counts.came, before.came),
                detail=f"sur {show(known)} dont la suite est connue",
            ),
            Figure(
                "Embauches",
                *hires,
                detail="" if share is None else f"{share}{NBSP}% des mises en contact",
            ),
            Figure(
                "Délai médian jusqu’à la suite",
                self.teller.median(to_end),
                NO_FIGURE if is_hidden else self.teller.median(to_end_before),
                detail=f"{show(to_end.measured)} propositions mesurées",
                unit="jour",
            ),
        ]

    @cached_property
    def fates(self) -> Table:
        whole = self.counts.whole
        other = whole.ended - whole.good
        parts = whole.good, other, whole.waiting, whole.to_hand, whole.cancelled
        rows = list(zip(FATES, parts, strict=True))
        title = "Ce que sont devenues les propositions"
        sums = [(whole.ended, (0, 1))]
        table = self._parts("devenir", title, "À ce jour", rows, sums)
        return dataclasses.replace(table, has_bars=True)

    @cached_property
    def kinds(self) -> Table:
        names = [*STAGES, "cancelled"]
        of_kind = [self.counts.kinds.get(kind, Count()) for kind in KINDS]
        # The key figure of hires is the sum of two rows of that column.
        hires = [(self.counts.hires, [list(KINDS).index(kind) for kind in PLACEMENTS])]
        columns = [
            self.teller.parts(
                getattr(self.counts.whole, name),
                [getattr(count, name) for count in of_kind],
                hires if name == "good" else (),
            )
            for name in names
        ]
        rows = [
            Row(label, [column[number] for column in columns])
            for number, label in enumerate(KINDS.values())
        ]
        whole = [self.teller.one(getattr(self.counts.whole, name)) for name in names]
        return Table(
            "types",
            "Par type de proposition",
            "Type de proposition",
            [*STAGES.values(), "Annulées"],
            [*rows, Row(ALL, whole, is_total=True)],
            "« Suite connue » : une suite est enregistrée, le CV ou la candidature a "
            "reçu sa réponse, le candidat convoqué est venu ou non.",
        )

    @cached_property
    def months(self) -> Table:
        days = self.period.months
        rows = [(date_format(day, "F Y"), self.counts.months[day]) for day in days]
        return self._parts("mois", "Par mois", "Mois", rows)

    @cached_property
    def states(self) -> list[Table]:
        counts, teller, tables = self.counts, self.teller, []
        codes = {code.pk: code for code in OutcomeCode.objects.all()}
        for kind, label in KINDS.items():
            count = counts.kinds.get(kind, Count())
            if not count.made or teller.withholds(count.made):
                continue
            found = states_of(kind, counts, codes, is_whole=teller.is_masked)
            places = list(enumerate(found))
            sums = [
                (count.ended, [at for at, key in places if key[1] in ENDED[kind]]),
                (count.good, [at for at, key in places if is_good(key, codes)]),
            ]
            if kind == ActKind.APPOINTMENT:
                came = [at for at, key in places if key[1] in CAME]
                sums.append((counts.came, came))
            numbers = [counts.states[key] for key in found]
            shown = teller.parts(count.made, numbers, sums)
            # Its total is a row of the table of kinds: it must not say more of it.
            if teller.narrows(count.made, shown):
                continue
            rows = [
                Row(state_word(kind, key, codes), [cell])
                for key, cell in zip(found, shown, strict=True)
            ]
            table = Table(f"etats-{kind.value}", label, "État", ["Propositions"], rows)
            tables.append(table.without_zeros)
        return tables

    @cached_property
    def delays(self) -> Table:
        rows = []
        until = {"remise": self.counts.to_hand, "suite": self.counts.to_end}
        for what, times in until.items():
            # Masked: one row, since the rows of few acts would tell each other.
            kinds = [] if self.teller.is_masked else list(KINDS.items())
            for kind, label in [*kinds, ("", ALL)]:
                row = self._delay_row(times.get(kind, Times()))
                rows.append(Row(f"{label}, jusqu’à la {what}", row, is_total=not kind))
        return Table(
            "delais",
            "Délais",
            "Depuis le jour de la proposition",
            [
                "Propositions mesurées",
                "Médiane (jours)",
                *(f"En {days} jours ou moins" for days in DELAYS),
            ],
            rows,
            "La moitié des propositions va plus vite que la médiane. Les propositions "
            "annulées et celles qui attendent encore ne sont pas mesurés.",
        )

    def _delay_row(self, times: Times) -> list[Shown]:
        measured = self.teller.one(times.measured)
        if self.teller.withholds(times.measured):
            return [measured, *[NO_FIGURE] * (1 + len(DELAYS))]
        shown = map(self.teller.one, times.within)
        within = [with_share(one, measured) for one in shown]
        return [measured, self.teller.median(times), *within]

    @cached_property
    def domains(self) -> Table:
        found = self.counts.domains
        known = [(label, found[letter]) for letter, label in DOMAINS.items()]
        other = sum(found.values()) - sum(count for _, count in known)
        known.sort(key=lambda item: -(self.teller.one(item[1]).value or 0))
        title = "Par métier (grands domaines du ROME)"
        rows = [*known, (UNKNOWN, other)]
        table = self._parts("metiers", title, "Domaine", rows)
        return dataclasses.replace(table, has_bars=True).without_zeros

    @cached_property
    def communes(self) -> Table:
        """Communes of the offers, by number of acts."""
        named = [(code, count) for code, count in self.counts.communes.items() if code]
        # By the number that is shown: the true one would tell the larger of two.
        named.sort(key=lambda item: (-(self.teller.one(item[1]).value or 0), item[0]))
        shown = [item for item in named if not self.teller.withholds(item[1])]
        first = shown[:MOST_COMMUNES]
        communes = Commune.objects.in_bulk([code for code, _ in first])
        rows = [(str(communes.get(code, code)), count) for code, count in first]
        rest = sum(count for _, count in named) - sum(count for _, count in first)
        unknown = self.counts.whole.made - sum(count for _, count in named)
        rows += [(OTHER_COMMUNES, rest), (UNKNOWN, unknown)]
        title = "Par commune de l’offre"
        table = self._named("communes", title, "Commune", rows)
        return dataclasses.replace(table, has_bars=True)

    @cached_property
    def others(self) -> list[Table]:
        """Return the table by adviser, or by structure."""
        if self.scope.has_structures:
            return [self._structures()]
        if not self.scope.has_advisers:
            return []
        # By name: no ranking (V19).
        people = User.objects.filter(pk__in=self.counts.advisers).order_by(
            ByName("last_name"), ByName("first_name"), "pk"
        )
        rows = [(str(person), self.counts.advisers[person.pk]) for person in people]
        return [self._parts("conseillers", "Par conseiller", "Conseiller", rows)]

    def _structures(self) -> Table:
        named = {
            pk: count
            for pk, count in self.counts.structures.items()
            if not self.teller.withholds(count)
        }
        found = Structure.objects.filter(pk__in=named).order_by(ByName("name"), "pk")
        rows = [(str(structure), named[structure.pk]) for structure in found]
        rows.append(("Autres structures", self.counts.whole.made - sum(named.values())))
        return self._named("structures", "Par structure", "Structure", rows)


def is_past_a_term(period: Period) -> bool:
    shortest = min(settings.KEPT.acts, settings.KEPT.unregistered)
    return period.starts_at < past_months(shortest)


PURPOSE = (
    "Ces chiffres servent aux réunions de bilan de la convention (art. 11). Ils ne "
    "mesurent pas le travail des personnes et n’en font aucun classement."
)
MASKED = (
    "Les nombres de 1 à 4 sont masqués (« moins de 5 ») et les autres arrondis à un "
    "multiple de 5, pour que personne ne soit reconnu : un total peut donc "
    "différer de la somme de ses lignes. Seules des années civiles sont comptées."
)
EXACT = "Nombres exacts, réservés à votre structure."
WITHHELD = (
    "Moins de cinq propositions dans cette période : rien d’autre n’en est communiqué, "
    "pour que personne ne soit reconnu."
)


def states_of(
    kind: ActKind, counts: Counts, codes: Mapping[str, OutcomeCode], *, is_whole: bool
) -> list[tuple[str, str, str]]:
    """Return the states of the rows: all, or those with acts."""
    order = list(STATES[kind].values)
    found = {key for key in counts.states if key[0] == kind}
    if is_whole:
        ends = kind in PLACEMENTS
        found |= {
            (kind.value, state, code)
            for state in order
            for code in (codes if ends and state == Act.ENDED else [""])
        }
    return sorted(
        found,
        key=lambda key: (order.index(key[1]), codes[key[2]].position if key[2] else 0),
    )


def is_good(key: tuple[str, str, str], codes: Mapping[str, OutcomeCode]) -> bool:
    _, state, code = key
    return state in KEPT or (code in codes and codes[code].kind == OutcomeKind.HIRED)


def state_word(
    kind: ActKind, key: tuple[str, str, str], codes: Mapping[str, OutcomeCode]
) -> str:
    _, state, code = key
    if state == Act.ENDED and code:
        return str(codes[code])
    word = str(STATES[kind](state).label)
    return word[0].upper() + word[1:]


def with_share(part: Shown, whole: Shown) -> Shown:
    share = statistics.share(part, whole)
    if share is None:
        return part
    return dataclasses.replace(part, label=f"{part.label} ({share}\N{NO-BREAK SPACE}%)")


def bars_of(table: Table) -> Plot:
    lines = [(row.label, row.cells[0]) for row in table.parts]
    return lines_of(table.slug, table.title, lines)


def next_meeting(scope: Scope) -> ReviewMeeting | None:
    if scope.structure is None:
        return None
    planned = ReviewMeeting.objects.to_come()
    return planned.filter(convention__structure=scope.structure).first()


def standouts_of(activity: Activity) -> Iterator[str]:
    """Return short sentences, from the shown numbers alone."""
    if activity.is_empty or activity.is_withheld:
        return
    _, _, waiting, to_hand, _ = activity.fates.parts
    for row, words in (
        (to_hand, "Documents non remis"),
        (waiting, "Propositions qui attendent une suite"),
    ):
        if row.cells[0].value:
            yield f"{words} : {row.cells[0]}."
    for words, table, most in (
        ("Mois les plus chargés", activity.months, 2),
        ("Métiers les plus proposés", activity.domains, 3),
        ("Communes les plus proposées", activity.communes, 3),
    ):
        if first := ", ".join(first_of(table, most)):
            yield f"{words}\N{NO-BREAK SPACE}: {first}."


def first_of(table: Table, most: int) -> list[str]:
    """Return its largest shown numbers, with their rows."""
    named = [
        row
        for row in table.parts
        if row.cells[0].value and row.label not in (UNKNOWN, OTHER_COMMUNES)
    ]
    named.sort(key=lambda row: -(row.cells[0].value or 0))
    return [f"{row.label} ({row.cells[0]})" for row in named[:most]]
