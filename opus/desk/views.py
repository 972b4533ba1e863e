"""The first page of the desk, and its search."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from opus.desk.gauges import gauges_of
from opus.desk.search import LONGEST, SHORTEST, find, the_one
from opus.desk.work import piles_of, sections_of, trades_of
from opus.lib.outbound import outbox
from opus.support.data_rights.models import RightsRequest

# Where a new partner begins.
NEW_PARTNER = "admin:new_partner"


def desk_context(request: HttpRequest) -> dict[str, Any]:
    """Return my work by its day, and all that waits by trade."""
    piles = piles_of(request)
    gauges = list(gauges_of(request))
    may_add = request.user.has_perm("accounts.add_structure")
    return {
        "queues": [*piles, *gauges],
        "sections": sections_of(piles),
        "late": sum(pile.late for pile in piles if pile.is_mine),
        "trades": trades_of(piles),
        "gauges": gauges,
        "is_mute": outbox.is_mute(),
        "new_partner_url": reverse(NEW_PARTNER) if may_add else "",
    }


def rights_url(request: HttpRequest) -> str:
    """Return where a person's own request is kept, for who may read it."""
    pages: Any = admin.site.get_model_admin(RightsRequest)
    return str(pages.list_url()) if pages.has_view_permission(request) else ""


def search(request: HttpRequest) -> HttpResponse:
    """Go to the one hit, else list them by kind.

    By POST: what is typed may be a name, which stands in no address (S24).
    """
    words = request.POST.get("q", "").strip()[:LONGEST]
    only = request.POST.get("genre", "")
    found = find(request, words, only) if words else []
    if words and not only and (hit := the_one(found)):
        return redirect(hit.url)
    context = {
        **admin.site.each_context(request),
        "title": "Recherche",
        "desk_words": words,
        "found": found,
        "total": sum(one.total for one in found),
        "only": only,
        "shortest": SHORTEST,
        "rights_url": rights_url(request),
    }
    return TemplateResponse(request, "desk/search.html", context)
