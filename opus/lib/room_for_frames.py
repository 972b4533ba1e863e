"""Give a page's frames room, so that no loop asks the system for memory.

CPython keeps frames in pieces of 16 KB. A loop that calls a function just beyond the
end of a piece maps a piece for each call and unmaps it after: 280 times in a page of
results, a tenth of its time, and in a printed sheet up to a third (CPython's issue
142183, mended in 3.13 in March 2026; Debian 13 has 3.13.5). Where a loop stands depends
on each caller below it, so a middleware more makes pages slower or quicker.
"""

from types import FunctionType
from typing import cast

# Words of eight bytes that a frame asks for: its piece is then of 512 KB, of which half
# is left for what it calls, some sixteen usual pieces. Only what is used takes memory.
WORDS = 32_000


def with_room_for_frames[F](function: F) -> F:
    """Make all that this function calls share one large piece."""
    plain = cast("FunctionType", function)
    plain.__code__ = plain.__code__.replace(co_stacksize=WORDS)
    return function
