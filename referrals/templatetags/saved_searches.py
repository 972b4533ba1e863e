from typing import Any

from django import template
from django.template import Context

from accounts.enums import Service
from referrals.candidates.models import Candidate
from referrals.saved_searches.matching import (
    count_new,
    count_new_together,
    with_criteria,
)
from referrals.saved_searches.models import SavedSearch

register = template.Library()
register.simple_tag(count_new_together, name="new_offers_of")


@register.inclusion_tag("referrals/saved_searches/mine.html", takes_context=True)
def my_searches(context: Context) -> dict[str, Any]:
    request = context["request"]
    searches = with_criteria(SavedSearch.objects.own(request.user))
    count_new(searches)
    searches.sort(key=lambda search: -search.news)
    return {"searches": searches}


@register.inclusion_tag("referrals/saved_searches/emailed.html", takes_context=True)
def alert_emails(context: Context) -> dict[str, Any]:
    """List the searches that send e-mails."""
    request = context["request"]
    # Staff and closed conventions have no searches to show.
    is_open = Service.CONSULTATION in request.services
    emailed = SavedSearch.objects.emailed_to(request.user) if is_open else []
    return {
        "is_open": is_open,
        "searches": [search for search in emailed if search.account_id],
        "for_persons": sum(1 for search in emailed if search.candidate_id),
        # For the form's token.
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag
def searches_for(candidate: Candidate) -> list[SavedSearch]:
    return with_criteria(candidate.saved_searches.all())
