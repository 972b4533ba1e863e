"""The results from which an act was made: its page leads back (U1).

Kept in the session, so that hand-over, outcome and cancelling lead back too.
"""

from django.http import HttpRequest

from offers.search.page import NOWHERE, WayBack, checked, way_back_of
from referrals.acts.models.acts import Act

KEY = "ways_back"
# The acts made last in this session.
MOST = 30


def remember(request: HttpRequest, act: Act) -> None:
    """Keep where the act comes from, with the session."""
    if way := way_back_of(request):
        kept = request.session.get(KEY, {}) | {str(act.pk): [way.path, way.count]}
        request.session[KEY] = dict(list(kept.items())[-MOST:])


def way_back_from(request: HttpRequest, act: Act) -> WayBack:
    path, count = request.session.get(KEY, {}).get(str(act.pk), ("", 0))
    return checked(request, path, str(count)) if path else NOWHERE
