"""Read-only admin of offers (art. 7)."""

import json
from operator import methodcaller
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from offers.catalogue.models import Offer
from offers.enums import Mode, OfferState
from opus.lib.dates import date_format
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.formatting import part
from opus.lib.model_admin.staff_admin import ReadOnlyAdmin

FLAGS = {
    Mode.DIRECT: {"preselection": False},
    Mode.DELEGATED: {"preselection": True, "delegated": True},
    Mode.PRESELECTED: {"preselection": True, "delegated": False},
}


class ModeFilter(ChoiceFilter):
    title = "mode"
    parameter_name = "mode"
    options = {
        mode.value: (mode.label, methodcaller("filter", **flags))
        for mode, flags in FLAGS.items()
    }


@admin.register(Offer)
class OfferAdmin(ReadOnlyAdmin):
    list_display = (
        *("reference", "title", "place_label", "contract"),
        *("mode_label", "published", "agency_safir", "state"),
    )
    list_filter = ("state", ModeFilter, "published")
    # Numbers grow with time, and their index sorts a million rows at once.
    ordering = ("-reference",)
    sortable_by = ("reference",)
    search_fields = ("reference",)
    search_help_text = "N° d’offre, intitulé ou code SAFIR de l’agence."
    fieldsets = (
        part(None, "reference", "title", "state", "state_at", "history"),
        part(
            "Dans Opus",
            *("mode_label", "mode_declared", "published", "agency_safir"),
            ("posts", "posts_left"),
        ),
        part(
            "Offre",
            *("company", "place_label", "place_source", "rome_label"),
            *("contract_label", "nature_label", "hours_label", "salary_label"),
            *("experience_label", "description"),
            ("created_at", "updated_at", "imported_at"),
        ),
        ("Autres rubriques", {"fields": ("other_details",), "classes": ("collapse",)}),
    )

    def get_object(self, *args: Any, **kwargs: Any) -> Offer | None:
        """Return the offer unmasked: France Travail may read its texts."""
        offer = super().get_object(*args, **kwargs)
        return offer and offer.as_received()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        is_known = Q(reference=term.upper()) | Q(agency_safir=term)
        return queryset.filter(is_known | Q(title__icontains=term)), False

    @admin.display(description="mode")
    def mode_label(self, offer: Offer) -> str:
        return str(offer.mode.label)

    @admin.display(description="états")
    def history(self, offer: Offer) -> str:
        labels = dict(OfferState.choices)
        return ", ".join(
            f"{labels.get(step.target, step.target)} le "
            f"{date_format(timezone.localtime(step.at), r'j F Y à G \h i')}"
            for step in offer.steps.all()
        )

    @admin.display(description="contenu")
    def other_details(self, offer: Offer) -> str:
        text = json.dumps(offer.details, ensure_ascii=False, indent=2)
        return format_html("<pre>{}</pre>", text)
