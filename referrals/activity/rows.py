"""A table of counts, and its rows."""

import dataclasses
from collections.abc import Sequence
from typing import Self

from opus.lib import statistics
from opus.lib.statistics import Shown
from referrals.activity.counts import Counts
from referrals.activity.figures import Teller
from referrals.activity.words import ALL


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


def named_table(
    slug: str,
    title: str,
    first: str,
    rows: Sequence[tuple[str, int]],
    counts: Counts,
    teller: Teller,
) -> Table:
    """Return a table of named rows, or its total alone.

    Masked, a row has its name from five acts on: a name without a number would tell
    that there are some.
    """
    table = parts_table(slug, title, first, rows, counts, teller).without_zeros
    if any(row.cells[0] is statistics.NOTHING_TOLD for row in table.rows):
        return dataclasses.replace(table, rows=table.rows[-1:])
    return table


def parts_table(
    slug: str,
    title: str,
    first: str,
    rows: Sequence[tuple[str, int]],
    counts: Counts,
    teller: Teller,
    sums: Sequence[tuple[int, Sequence[int]]] = (),
) -> Table:
    shown = teller.parts(counts.whole.made, [count for _, count in rows], sums)
    lines = [Row(label, [cell]) for (label, _), cell in zip(rows, shown, strict=True)]
    whole = Row(ALL, [teller.one(counts.whole.made)], is_total=True)
    return Table(slug, title, first, ["Propositions faites"], [*lines, whole])
