"""The key figures, with those of the period before, as each reader may see them."""

import dataclasses
from collections.abc import Sequence

from opus.lib import statistics
from opus.lib.statistics import Shown
from referrals.activity.counts import Count, Counts, Times
from referrals.acts.act_rights import ActKind

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


def figures_of(counts: Counts, before: Counts, teller: Teller) -> list[Figure]:
    """Return acts, hand-overs, appointments kept, hires and delay."""
    made, made_before = teller.one(counts.whole.made), teller.one(before.whole.made)
    acts = Figure("Propositions faites", made, made_before)
    if teller.withholds(counts.whole.made):
        return [acts]
    is_hidden = teller.withholds(before.whole.made)

    def pair(count: int, count_before: int) -> tuple[Shown, Shown]:
        return teller.one(count), NO_FIGURE if is_hidden else teller.one(count_before)

    hires = pair(counts.hires, before.hires)
    to_end, to_end_before = (one.to_end.get("", Times()) for one in (counts, before))
    known = counts.kinds.get(ActKind.APPOINTMENT, Count()).ended
    return [
        acts,
        Figure(
            "Documents remis",
            *pair(counts.whole.handed, before.whole.handed),
            detail=f"{teller.one(counts.whole.to_hand)} non remis",
        ),
        Figure(
            "Rendez-vous honorés",
            *pair(counts.came, before.came),
            detail=f"sur {teller.one(known)} dont la suite est connue",
        ),
        Figure("Embauches", *hires, share_of(hires[0], teller.one(counts.placements))),
        Figure(
            "Délai médian jusqu’à la suite",
            teller.median(to_end),
            NO_FIGURE if is_hidden else teller.median(to_end_before),
            detail=f"{teller.one(to_end.measured)} propositions mesurées",
            unit="jour",
        ),
    ]


def share_of(part: Shown, whole: Shown) -> str:
    share = statistics.share(part, whole)
    return "" if share is None else f"{share}{NBSP}% des mises en contact"
