"""Kept searches and opened offers, on the pages of lower and upper apps."""

from typing import Any

from django import template
from django.template import Context

from accounts.models import Service
from offers import seen
from offers.models import SavedSearch
from offers.saved.news import count_news
from offers.saved.words import put_in_words

register = template.Library()

# On the first page; the others are one click away.
SEEN_AT_HOME = 5


@register.inclusion_tag("offers/tags/my_searches.html", takes_context=True)
def my_searches(context: Context) -> dict[str, Any]:
    """On the first page: one's searches, those with news first."""
    request = context["request"]
    searches = put_in_words(SavedSearch.objects.visible_to(request.user))
    count_news(searches)
    searches.sort(key=lambda search: -search.news)
    return {"searches": searches}


@register.inclusion_tag("offers/tags/seen_lately.html", takes_context=True)
def seen_lately(context: Context) -> dict[str, Any]:
    """On the first page: the last offers that one opened."""
    request = context["request"]
    return {"hits": seen.recently_seen(request.user, SEEN_AT_HOME)}


@register.inclusion_tag("offers/tags/alert_mails.html", takes_context=True)
def alert_mails(context: Context) -> dict[str, Any]:
    """On *Mon compte*: which searches write, and how to stop them all."""
    request = context["request"]
    # Staff and closed conventions have no searches to show.
    is_open = Service.CONSULTATION in request.services
    writing = SavedSearch.objects.visible_to(request.user).with_alert()
    return {
        "is_open": is_open,
        "searches": list(writing) if is_open else [],
        # For the form's token.
        "csrf_token": context.get("csrf_token"),
    }
