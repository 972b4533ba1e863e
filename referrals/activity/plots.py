from opus.lib.statistics.plots import (
    LINE,
    Heading,
    Plot,
    bar,
    label_room,
    lines_of,
    scale_of,
)
from referrals.activity.tables import Table

HEADING = 26


def bars_of(table: Table) -> Plot:
    lines = [(row.label, row.cells[0]) for row in table.rows if not row.is_total]
    return lines_of(table.slug, table.title, lines)


def funnel_of(table: Table, stages: int) -> Plot:
    columns = table.columns[:stages]
    rows = [row for row in table.rows if not row.is_total]
    room = label_room(columns)
    scale = scale_of([cell for row in rows for cell in row.cells[:stages]], room)
    bars, headings, y = [], [], 0
    for row in rows:
        headings.append(Heading(row.label, y + HEADING - 9))
        y += HEADING
        for number, (column, cell) in enumerate(
            zip(columns, row.cells[:stages], strict=True)
        ):
            pattern = "plain" if number < stages - 1 else "good"
            bars.append(bar(column, cell, y=y, x=room, scale=scale, pattern=pattern))
            y += LINE
    return Plot(table.slug, table.title, bars, headings, y)
