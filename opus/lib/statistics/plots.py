"""Inline SVG plots of the rows of a table (A14).

Bars have numbers or hatches: no information by colour alone. Attributes only: the
page's policy refuses inline styles (S29).
"""

import dataclasses
from collections.abc import Collection, Sequence

from opus.lib.statistics.small_counts import Shown

WIDTH = 340
LINE = 22
BAR = 14
# The average width of a letter of 12 points, at most.
LETTER = 6.8
MASKED_BAR = 10
# The width of the longest bar's number.
NUMBER_ROOM = 48


@dataclasses.dataclass(frozen=True)
class Bar:
    label: str
    shown: Shown
    y: int
    x: int
    length: int
    pattern: str

    @property
    def text_y(self) -> int:
        return self.y + BAR - 3

    @property
    def value_x(self) -> int:
        return self.x + self.length + 4


@dataclasses.dataclass(frozen=True)
class Plot:
    slug: str
    title: str
    bars: Sequence[Bar]
    height: int
    width: int = WIDTH
    thickness: int = BAR

    @property
    def series(self) -> list[tuple[str, str]]:
        return [(bar.label, str(bar.shown)) for bar in self.bars]


def lines_of(
    slug: str,
    title: str,
    lines: Sequence[tuple[str, Shown]],
    *,
    hatched: Collection[str] = (),
    number_room: int = NUMBER_ROOM,
) -> Plot:
    """Return one bar per name; ``number_room`` is in points."""
    longest = max((len(label) for label, _ in lines), default=0)
    room = min(200, round(longest * LETTER) + 10)
    scale = scale_of([shown for _, shown in lines], room, number_room)
    bars = []
    for number, (label, shown) in enumerate(lines):
        y, pattern = number * LINE, "hatched" if label in hatched else "plain"
        bars.append(bar(label, shown, y=y, x=room, scale=scale, pattern=pattern))
    return Plot(slug, title, bars, len(bars) * LINE)


def bar(label: str, shown: Shown, *, y: int, x: int, scale: float, pattern: str) -> Bar:
    if shown.value is None:
        return Bar(label, shown, y, x, MASKED_BAR, "masked")
    length = round(shown.value * scale)
    return Bar(label, shown, y, x, max(length, 1) if shown.value else 0, pattern)


def scale_of(
    cells: Sequence[Shown], room: int, number_room: int = NUMBER_ROOM
) -> float:
    """Return points per unit, with room for the numbers."""
    most = max((cell.value or 0 for cell in cells), default=0)
    return (WIDTH - room - number_room) / most if most else 0
