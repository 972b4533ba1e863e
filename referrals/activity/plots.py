from opus.lib.statistics import Plot, lines_of
from referrals.activity.rows import Table


def bars_of(table: Table) -> Plot:
    lines = [(row.label, row.cells[0]) for row in table.parts]
    return lines_of(table.slug, table.title, lines)
