"""The addresses of an offer's pages: a page of results writes sixty of them."""

from functools import cache

from django.urls import reverse

# As an offer's number is written: letters and figures, nothing to quote.
NUMBER = "NUMERO"


def offer_address(name: str, reference: str) -> str:
    """The address of that name for an offer.

    Django looks an address up among all patterns each time; what stands around the
    number is the same for all offers, and looked up once.
    """
    before, after = _around(name)
    return f"{before}{reference}{after}"


@cache
def _around(name: str) -> tuple[str, str]:
    before, _, after = reverse(name, args=[NUMBER]).partition(NUMBER)
    return before, after
