"""Addresses of which a page has many."""

from functools import cache

from django.urls import reverse

# Part of no address of Opus.
STAND_IN = "XYZ"


@cache
def pattern(name: str) -> str:
    """Return the address of a page about one thing, with ``{}`` for its number.

    Raises NoReverseMatch: no page has this name.
    """
    return reverse(name, args=[STAND_IN]).replace(STAND_IN, "{}")


def address_of(name: str, number: str) -> str:
    """Return what ``reverse`` gives: a page of results asks for eighty."""
    return pattern(name).format(number)
