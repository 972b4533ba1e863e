"""The way back to a search's results, which addresses carry (U1).

``retour`` is the address of the results, ``sur`` their number. No name of a person:
the search of a person has an opaque number in its path.
"""

from dataclasses import dataclass
from urllib.parse import unquote, urlencode, urlsplit

from django.http import HttpRequest
from django.urls import resolve, reverse

from accounts.signin.access import is_our_path
from offers.catalogue.formatting import count_of
from offers.search.criteria import WHOLE_NUMBER

# As long as a saved search's query, with its path.
LONGEST = 2_100
# The pages of results.
PAGES = ("offers", "person_search")


@dataclass(frozen=True, slots=True)
class WayBack:
    """The address of results; empty if one does not come from any."""

    path: str = ""
    count: int = 0

    def __bool__(self) -> bool:
        return bool(self.path)

    @property
    def url(self) -> str:
        return self.path or reverse("offers")

    @property
    def query(self) -> str:
        """Return the parameters of the addresses that lead back."""
        pairs = {"retour": self.path, "sur": str(self.count or "")}
        return urlencode({name: value for name, value in pairs.items() if value})

    def added_to(self, address: str) -> str:
        """Return that address of ours, which leads back."""
        if not self.path:
            return address
        return f"{address}{'&' if '?' in address else '?'}{self.query}"

    @property
    def label(self) -> str:
        if not self.path:
            return "Toutes les offres"
        if self.count < 2:
            return "Retour aux résultats"
        return f"Retour aux {count_of(self.count, 'offre')}"

    @property
    def person(self) -> str:
        """Return the number of the person searched for, or ""."""
        if not self.path:
            return ""
        found = resolve(unquote(urlsplit(self.path).path))
        return str(found.kwargs.get("pk", ""))


NOWHERE = WayBack()


def way_back_of(request: HttpRequest) -> WayBack:
    """Return where this page was opened from; a forged address is none."""
    return checked(request, request.GET.get("retour", ""), request.GET.get("sur", ""))


def checked(request: HttpRequest, path: str, count: str = "") -> WayBack:
    """Return the way to that path if it is a page of results."""
    if len(path) > LONGEST or not is_our_path(request, path):
        return NOWHERE
    parts = urlsplit(path)
    if resolve(unquote(parts.path)).url_name not in PAGES:
        return NOWHERE
    here = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return WayBack(here, int(count) if WHOLE_NUMBER.fullmatch(count) else 0)
