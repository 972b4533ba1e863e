"""The words of an offer in two columns of one height, cut where there is no more room.

Lines are counted in the embedded font: letting the printer balance two columns takes it
as long as all the rest of a sheet.
"""

import itertools
from collections.abc import Sequence
from functools import lru_cache

from offers.catalogue.adverts import LIST, TITLE, Block, Unit, finished, regrouped
from opus.lib.documents.measure import POINT, lines_of

# Millimetres and points of print/paper.css.
WIDTH, SIZE, LEADING = 82.5, 11.0, 1.25
ITEM_WIDTH = WIDTH - 3.6
LINE = SIZE * LEADING * POINT
GAP = 1.1
HEADING_HEIGHT = 12.5 * 1.25 * POINT + 2.6
HEADING, NOTE = "heading", "note"
# As templates/documents/advert.html writes it.
NOTE_BEGINS = "L’annonce est abrégée\xa0: "
# No page holds more letters.
MOST_LETTERS = 4_500
# The best cut is one of those nearest to the middle.
NEAREST = 4

Columns = list[list[Block]]


def columns_of(
    advert: Sequence[Unit],
    after: Sequence[Unit],
    note: Unit,
    room: float,
    *,
    is_cut: bool,
) -> tuple[Columns, bool]:
    """Return the advert, then ``after``, in columns no higher than ``room``.

    The advert gives way, and ``note`` says so; whether it was cut is returned too.
    """
    advert = shortened(advert)
    columns = balanced([*advert, *([note] if is_cut else []), *after])
    if height(columns) <= room:
        return columns, is_cut
    fewest, most = 0, len(advert)
    while fewest < most:
        middle = (fewest + most) // 2
        columns = balanced([*headed(advert[: middle + 1]), note, *after])
        if height(columns) <= room:
            fewest = middle + 1
        else:
            most = middle
    return balanced([*headed(advert[:fewest]), note, *after]), True


def shortened(advert: Sequence[Unit]) -> list[Unit]:
    lengths = itertools.accumulate(len(part) for _, _, part in advert)
    return [
        unit
        for unit, length in zip(advert, lengths, strict=True)
        if length - len(unit[2]) < MOST_LETTERS
    ]


def headed(units: Sequence[Unit]) -> list[Unit]:
    """Return the units that end well, without a heading above nothing."""
    ending = finished(list(units))
    return [] if ending and ending[-1][1] == HEADING else ending


def balanced(units: list[Unit]) -> Columns:
    """Return the units in two columns, neither much higher."""
    alone = (block_height(regrouped([unit])[0]) for unit in units)
    heights = [0.0, *itertools.accumulate(alone)]
    leads = {n + 1 for n, (_, kind, _) in enumerate(units) if kind in {HEADING, TITLE}}
    cuts = [
        n for n in range(len(units) + 1) if n not in leads and not leaves_one(units, n)
    ]
    middle = heights[-1] / 2
    nearest = sorted(cuts, key=lambda n: abs(heights[n] - middle))[:NEAREST]
    found = [[regrouped(units[:n]), regrouped(units[n:])] for n in nearest]
    return min(found, key=height)


def leaves_one(units: Sequence[Unit], n: int) -> bool:
    """Return whether a cut before ``units[n]`` parts one item from its list."""
    if not 0 < n < len(units) or units[n - 1][0] != units[n][0]:
        return False
    before, after = units[max(0, n - 2)][0], units[min(n + 1, len(units) - 1)][0]
    is_alone = before != units[n][0] or n == 1
    is_last = after != units[n][0] or n + 1 == len(units)
    return units[n][1] == LIST and (is_alone or is_last)


def height(columns: Columns) -> float:
    return max(sum(map(block_height, blocks)) for blocks in columns)


def block_height(block: Block) -> float:
    if block.kind == HEADING:
        return HEADING_HEIGHT
    width = ITEM_WIDTH if block.kind == LIST else WIDTH
    is_bold = block.kind in {TITLE, NOTE}
    before = NOTE_BEGINS if block.kind == NOTE else ""
    lines = sum(line_count(before + line, width, is_bold) for line in block.lines)
    return lines * LINE + GAP


# To find where the columns part, the same lines are measured again and again.
@lru_cache(maxsize=1_000)
def line_count(text: str, width: float, is_bold: bool) -> int:
    return len(lines_of(text, width, SIZE, bold=is_bold))
