"""The person searched for, and the way back to the results, on every page."""

from typing import Any

from django import template
from django.template import Context

from accounts.security.personal_data_quotas import CeilingReached
from offers.search.page import WayBack, way_back_of
from opus.lib.audit.journal import Action
from opus.lib.forms.base import as_uuid
from referrals.acts.act_context import Author, acts_with
from referrals.acts.models import Act
from referrals.candidates import access_log
from referrals.candidates.models import Candidate
from referrals.making.steps import way_back_from
from referrals.person_search.views import path_for
from referrals.saved_searches.actions import query_of
from referrals.saved_searches.models import MOST_FOR_A_PERSON

register = template.Library()

# Lines in the fold of the band.
SHOWN = 6


@register.inclusion_tag("referrals/person_search/band.html", takes_context=True)
def person_band(context: Context) -> dict[str, Any]:
    """Return the band that names the person searched for, if any."""
    request, screen = context["request"], context.get("screen")
    person = context.get("candidate") or person_sought(request)
    if person is None:
        return {"person": None}
    acts = context.get("person_acts")
    if acts is None:
        acts = acts_with(person, by=request.user)
    past = [one for one in acts if one.by is not Author.ELSEWHERE]
    return {
        "person": person,
        "past": past[:SHOWN],
        "others": max(0, len(past) - SHOWN),
        "count": len(past),
        "waiting": sum(one.act.is_live for one in past),
        "query": screen.criteria.with_page(1).query_string if screen else "",
    }


@register.inclusion_tag("referrals/person_search/searches.html", takes_context=True)
def person_searches(context: Context) -> dict[str, Any]:
    """Return the searches of the person, and the form that keeps this one."""
    person, screen = context["candidate"], context["screen"]
    searches = context["searches"]
    query = query_of(screen.criteria.changed(sort=None, days=None))
    is_known = any(search.query == query for search in searches)
    has_room = len(searches) < MOST_FOR_A_PERSON and not context["frozen_by"]
    return {
        "person": person,
        "path": path_for(person),
        "searches": searches,
        "query": query,
        "here": screen.criteria.url,
        "may_save": screen.is_answered and has_room and not is_known,
        "csrf_token": context.get("csrf_token"),
    }


def person_sought(request: Any) -> Candidate | None:
    """Return one's own candidate of the way back; counted once a page."""
    if "person_sought" not in request.__dict__:
        pk = as_uuid(way_back_of(request).person)
        mine = Candidate.objects.visible_to(request.user)
        person = mine.filter(pk=pk).first() if pk else None
        try:
            if person:
                access_log.show(
                    request.user, Action.PERSONS_LISTED, [person], unasked=True
                )
        except CeilingReached:
            # The offer has no personal data: it opens in any case.
            person = None
        request.person_sought = person
    sought: Candidate | None = request.person_sought
    return sought


@register.inclusion_tag("offers/search/parts/way_back.html", takes_context=True)
def way_back(
    context: Context, reference: str = "", act: Act | None = None
) -> dict[str, Any]:
    """Return the link to the results, at the offer's row."""
    request = context["request"]
    way = way_back_from(request, act) if act else way_back_of(request)
    return {"way": way, "reference": act.offer_id if act else reference}


@register.simple_tag(takes_context=True)
def onward(context: Context, sign: str = "?") -> str:
    """Return the parameters that the next page needs to lead back."""
    way: WayBack = way_back_of(context["request"])
    return f"{sign}{way.query}" if way else ""
