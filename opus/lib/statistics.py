import dataclasses
import math
from collections.abc import Collection, Sequence

SMALL = 5
STEP = 5
# The maximum of two masked numbers, shown as five: eight would reveal both.
TWICE = 2 * (SMALL - 1)
FEW = "moins de 5"
HIDDEN = "non communiqué"


@dataclasses.dataclass(frozen=True)
class Shown:
    """A number as shown; ``value`` is None if masked."""

    value: int | None
    label: str
    low: int
    high: float

    def __str__(self) -> str:
        return self.label

    @property
    def is_masked(self) -> bool:
        return self.value is None

    @property
    def cell(self) -> int | str:
        return self.label if self.value is None else self.value


def exact(count: int) -> Shown:
    return Shown(count, spaced(count), count, count)


def spaced(count: int) -> str:
    return f"{count:,}".replace(",", "\N{NO-BREAK SPACE}")


def masked(count: int) -> Shown:
    if count == 0:
        return exact(0)
    if count < SMALL:
        return Shown(None, FEW, 1, SMALL - 1)
    if count <= TWICE:
        return Shown(SMALL, spaced(SMALL), SMALL, TWICE)
    rounded = STEP * math.floor(count / STEP + 0.5)
    half = STEP // 2
    return Shown(
        rounded, spaced(rounded), max(TWICE + 1, rounded - half), rounded + half
    )


# Hides even whether there are any.
NOTHING_TOLD = Shown(None, HIDDEN, 0, math.inf)


def share_out(
    whole: int, parts: Sequence[int], sums: Sequence[tuple[int, Sequence[int]]] = ()
) -> list[Shown]:
    """Return the shown rows of a table of that total.

    ``sums`` are other masked numbers, each with the places of its rows.
    """
    shown = [masked(part) for part in parts]
    totals = [(0, ()), *sums]
    # Hidden whatever the rows are: else a hidden table would tell how many they are.
    if masked(whole).is_masked or any(
        pins(masked(whole), masked(number), shown, set(places))
        for number, places in totals
    ):
        return [NOTHING_TOLD] * len(shown)
    return shown


def pins(
    whole: Shown, partial: Shown, rows: Sequence[Shown], places: Collection[int]
) -> bool:
    """Return whether the shown numbers reveal a masked row."""
    for at, row in enumerate(rows):
        if not row.is_masked:
            continue
        summed = [rows[place] for place in places if place != at]
        rest = [
            one for place, one in enumerate(rows) if place != at and place not in places
        ]
        low, high = ends(summed)
        rest_low, rest_high = ends(rest)
        if at in places:
            least = max(partial.low, whole.low - rest_high) - high
            most = min(partial.high, whole.high - rest_low) - low
        else:
            least = whole.low - min(high, partial.high) - rest_high
            most = whole.high - max(low, partial.low) - rest_low
        if max(row.low, least) == min(row.high, most):
            return True
    return False


def narrows(whole: Shown, rows: Sequence[Shown]) -> bool:
    """Return whether rows tell more of their total than it shows."""
    low, high = ends(rows)
    return low > whole.low or high < whole.high


def ends(rows: Sequence[Shown]) -> tuple[float, float]:
    return sum(row.low for row in rows), sum(row.high for row in rows)


def share(part: Shown, whole: Shown) -> int | None:
    """Return the percentage, from the shown numbers alone."""
    if part.value is None or not whole.value:
        return None
    return min(100, round(100 * part.value / whole.value))


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
    most = max((shown.value or 0 for _, shown in lines), default=0)
    # Points per unit, with room for the numbers.
    scale = (WIDTH - room - number_room) / most if most else 0
    bars = []
    for number, (label, shown) in enumerate(lines):
        length, pattern = 0, "hatched" if label in hatched else "plain"
        if shown.value is None:
            length, pattern = MASKED_BAR, "masked"
        elif shown.value:
            length = max(round(shown.value * scale), 1)
        bars.append(Bar(label, shown, number * LINE, room, length, pattern))
    return Plot(slug, title, bars, len(bars) * LINE)
