"""The offers ticked in a list: its address carries them from page to page (U8)."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.utils.datastructures import MultiValueDict

from offers.payload.parts import REFERENCE

PARAMETER = "offre"
# An address has no more numbers than that.
MOST_CARRIED = 100


def numbers_in(data: Any) -> list[str]:
    """Return the distinct valid offer numbers."""
    values = data.getlist(PARAMETER) if isinstance(data, MultiValueDict) else ()
    return list(dict.fromkeys(filter(REFERENCE.fullmatch, values)))


def carried(data: Any) -> list[str]:
    return numbers_in(data)[:MOST_CARRIED]


def with_ticks(url: str, numbers: Iterable[str]) -> str:
    query = urlencode([(PARAMETER, number) for number in numbers])
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url
