"""The menu of the desk: the registers, by trade."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from opus.desk.queues import Trade

# The registers of each day, then the others, folded. A test holds that each is here.
REGISTERS: dict[Trade, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Trade.AGREEMENTS: (
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
    Trade.REFERRALS: (
        (
            "referrals.ScreenedReferral",
            "referrals.CvRequest",
            "referrals.Appointment",
            "referrals.Slot",
        ),
        ("referrals.Referral", "referrals.CaseloadTransfer", "referrals.OutcomeCode"),
    ),
    Trade.SUPPORT: (
        ("support.Ticket", "support.RightsRequest", "support.Announcement"),
        (
            "support.Question",
            "support.Guide",
            "support.Survey",
            "support.CertifiedBrowser",
            "lib.TextFinding",
        ),
    ),
    Trade.OFFERS: (
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
    Trade.OPERATIONS: (
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


@dataclass(frozen=True)
class Entry:
    # The model's label, by which a page finds its own entry; empty for other pages.
    model: str
    label: str
    url: str


@dataclass(frozen=True)
class Group:
    trade: Trade
    entries: list[Entry]
    others: list[Entry]

    @property
    def labels(self) -> set[str]:
        return {entry.model for entry in self.others}


def menu_of(request: HttpRequest) -> list[Group]:
    """Return what this reader may open."""
    groups = []
    for trade, (first, others) in REGISTERS.items():
        entries = list(entries_of(request, first))
        if trade == Trade.AGREEMENTS:
            entries.append(Entry("", "Suivi de l’activité", reverse("activity")))
        group = Group(trade, entries, list(entries_of(request, others)))
        if group.entries or group.others:
            groups.append(group)
    return groups


def entries_of(request: HttpRequest, names: tuple[str, ...]) -> Iterator[Entry]:
    for name in names:
        model = apps.get_model(name)
        pages: Any = admin.site.get_model_admin(model)
        if pages.has_view_permission(request):
            yield Entry(model._meta.label_lower, pages.list_title, pages.list_url())
