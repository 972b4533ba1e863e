"""The place of a search by default: around the user's structure, until removed."""

from urllib.parse import urlencode

from django.urls import reverse

from accounts.signin.access import MemberRequest
from offers.reference.communes_in_memory import Place, french_gazetteer
from offers.search.criteria import Criteria

RADIUS_KM = 20
# In the session, while the user searches everywhere.
EVERYWHERE = "searches_everywhere"


def home_of(request: MemberRequest) -> Place | None:
    return french_gazetteer().commune(request.structure.commune_code)


def address_for(request: MemberRequest) -> str:
    """Return the address of the search around the structure, if it is the default."""
    home = home_of(request)
    if not home or not home.point or request.session.get(EVERYWHERE):
        return ""
    place = urlencode({"lieu": home.code, "rayon": RADIUS_KM})
    return f"{reverse('offers')}?{place}"


def remember_removal(request: MemberRequest) -> None:
    """Search everywhere from now on if « lieu » was emptied."""
    if request.GET.get("lieu") == "" and "HX-Request" not in request.headers:
        request.session[EVERYWHERE] = True


def remember(request: MemberRequest, criteria: Criteria) -> None:
    """Remember that a form's place was emptied, or is the structure's again."""
    home = home_of(request)
    if request.GET.get("lieu") and not criteria.places:
        request.session[EVERYWHERE] = True
    elif home and home.code in criteria.places:
        request.session.pop(EVERYWHERE, None)
