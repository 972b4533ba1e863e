"""Windows of creation dates: a search returns 3 150 offers."""

import datetime as dt
from dataclasses import dataclass

# Its dates have no fractions.
SECOND = dt.timedelta(seconds=1)
# Before any offer that could still be open.
BEGINNING = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Window:
    start: dt.datetime
    end: dt.datetime

    @property
    def length(self) -> dt.timedelta:
        return self.end - self.start

    def halved(self) -> "Window":
        """Return its first half, one second at least."""
        seconds = int(self.length.total_seconds()) // 2
        return Window(self.start, self.start + max(SECOND, dt.timedelta(0, seconds)))


def next_window(
    read_to: dt.datetime, covers_to: dt.datetime, step: dt.timedelta
) -> Window:
    """Return the next window; the last may end late."""
    end = min(read_to + max(step, SECOND), max(covers_to, read_to + SECOND))
    return Window(read_to, end)
