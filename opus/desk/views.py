"""The first page of the desk, its search and its menu."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from opus.desk.queues import Section
from opus.desk.search import LONGEST, SHORTEST, find, the_one
from opus.desk.work import agenda_of, gauges_of, piles_of, sections_of
from opus.lib.outbound import outbox
from opus.support.data_rights.models import RightsRequest

# The registers of each day, then the others, folded. A test holds that each is here.
REGISTERS: dict[Section, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Section.AGREEMENTS: (
        (
            "accounts.Structure",
            "accounts.Convention",
            "accounts.Nomination",
            "accounts.User",
            "accounts.Letter",
            "accounts.ReviewMeeting",
        ),
        (
            "accounts.Partnership",
            "accounts.Amendment",
            "accounts.Ending",
            "accounts.Breach",
            "accounts.TeamReview",
            "accounts.Agency",
            "accounts.ModelText",
        ),
    ),
    Section.REFERRALS: (
        (
            "referrals.ScreenedReferral",
            "referrals.CvRequest",
            "referrals.Appointment",
            "referrals.Slot",
        ),
        ("referrals.Referral", "referrals.CaseloadTransfer", "referrals.OutcomeCode"),
    ),
    Section.SUPPORT: (
        ("support.Ticket", "support.RightsRequest", "support.Announcement"),
        (
            "support.Question",
            "support.Guide",
            "support.Survey",
            "support.CertifiedBrowser",
            "lib.TextFinding",
        ),
    ),
    Section.OFFERS: (
        ("offers.Offer", "offers.FeedDelivery"),
        (
            "offers.FeedEvent",
            "offers.EventQuarantine",
            "offers.ImportRun",
            "offers.Quarantine",
            "offers.PullRun",
            "offers.PullFinding",
            "offers.EverydayWord",
            "offers.MissedWord",
        ),
    ),
    Section.OPERATIONS: (
        ("accounts.Alert", "support.Incident", "lib.AuditEntry"),
        (
            "support.PlannedWork",
            "lib.JobRun",
            "lib.OutboxEntry",
            "lib.Finding",
            "lib.PurgeRun",
            "accounts.AccountHold",
            "referrals.CandidateHold",
        ),
    ),
}


def desk_context(request: HttpRequest) -> dict[str, Any]:
    """Return my work by its day, and all that waits by section."""
    piles = piles_of(request)
    gauges = list(gauges_of(request))
    new_partner = reverse("admin:accounts_structure_add")
    may_add = request.user.has_perm("accounts.add_structure")
    return {
        "queues": [*piles, *gauges],
        "agenda": agenda_of(piles),
        "late": sum(pile.late for pile in piles if pile.is_mine),
        "sections": sections_of(piles),
        "gauges": gauges,
        "is_mute": outbox.is_mute(),
        "new_partner_url": new_partner if may_add else "",
    }


def search(request: HttpRequest) -> HttpResponse:
    """Go to the one hit, else list them by kind.

    By POST: what is typed may be a name, which stands in no address (S24).
    """
    words = request.POST.get("q", "").strip()[:LONGEST]
    only = request.POST.get("genre", "")
    found = find(request, words, only) if words else []
    if words and not only and (hit := the_one(found)):
        return redirect(hit.url)
    # Where a person's own request is kept, for who may read it.
    rights: Any = admin.site.get_model_admin(RightsRequest)
    context = {
        **admin.site.each_context(request),
        "title": "Recherche",
        "desk_words": words,
        "found": found,
        "total": sum(one.total for one in found),
        "only": only,
        "shortest": SHORTEST,
        "rights_url": rights.list_url() if rights.has_view_permission(request) else "",
    }
    return TemplateResponse(request, "desk/search.html", context)


def menu_of(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the registers that this reader may open, by section."""
    groups = []
    for section, (first, others) in REGISTERS.items():
        entries = list(entries_of(request, first))
        if section == Section.AGREEMENTS:
            entries.append(
                {
                    "model": "",
                    "label": "Suivi de l’activité",
                    "url": reverse("activity"),
                }
            )
        folded = list(entries_of(request, others))
        if entries or folded:
            groups.append(
                {
                    "section": section,
                    "entries": entries,
                    "others": folded,
                    "models": [entry["model"] for entry in folded],
                }
            )
    return groups


def entries_of(request: HttpRequest, names: tuple[str, ...]) -> Iterator[Any]:
    for name in names:
        model = apps.get_model(name)
        pages: Any = admin.site.get_model_admin(model)
        if pages.has_view_permission(request):
            label, url = pages.list_title, pages.list_url()
            yield {"model": model._meta.label_lower, "label": label, "url": url}
