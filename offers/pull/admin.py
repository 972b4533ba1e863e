"""Admin of the API's runs and their differences (R4)."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from offers.pull.models import PullFinding, PullRun
from opus.lib.model_admin.filters import DayFilter
from opus.lib.model_admin.staff_admin import ReadOnlyAdmin


@admin.register(PullRun)
class PullRunAdmin(ReadOnlyAdmin):
    counts = ("read", "created", "updated", "withdrawn", "rejected")
    list_display = ("started_at", "kind", *counts, "difficulty")
    list_filter = ("kind", ("started_at", DayFilter))
    fields = (
        "kind",
        ("started_at", "ended_at"),
        ("covers_from", "covers_to", "read_to"),
        ("requests", "read", "partial"),
        ("created", "updated", "unchanged", "rejected"),
        ("active_before", "missing", "still_there", "withdrawn", "held"),
        *("refusal", "trouble", "resume_at", "differences_list"),
    )

    @admin.display(description="difficulté")
    def difficulty(self, run: PullRun) -> str:
        return run.refusal or run.trouble or "—"

    @admin.display(description="écarts")
    def differences_list(self, run: PullRun) -> str:
        count = run.findings.count()
        if not count:
            return "aucun"
        url = reverse("admin:offers_pullfinding_changelist")
        link = '<a href="{}?run__id__exact={}">Voir les écarts ({})</a>'
        return format_html(link, url, run.pk, count)


@admin.register(PullFinding)
class PullFindingAdmin(ReadOnlyAdmin):
    list_display = ("at", "reference", "kind", "reason", "run")
    list_filter = ("kind", ("at", DayFilter))
    list_select_related = ("run",)
    search_fields = ("=reference", "reason")
    search_help_text = "N° d’offre ou motif."
    fields = ("run", "reference", "kind", "reason", "at", "received")

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Allow the link from a run to its differences."""
        is_of_a_run = lookup == "run__id__exact"
        return is_of_a_run or super().lookup_allowed(lookup, value, request)

    @admin.display(description="texte reçu")
    def received(self, finding: PullFinding) -> str:
        return format_html("<pre>{}</pre>", finding.raw) if finding.raw else "—"
