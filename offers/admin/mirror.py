"""Read-only admin of offers and imports (art. 7)."""

import datetime as dt
import json
from collections.abc import Iterable
from operator import methodcaller
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince

from offers.models import ImportRun, Mode, Offer, OfferState, Quarantine
from opus.lib.dates import date_format
from opus.lib.staff import ChoiceFilter, DayFilter, Queue, ReadOnlyAdmin, part

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
        "reference",
        "title",
        "place_label",
        "contract",
        "mode_label",
        "published",
        "agency_safir",
        "state",
    )
    list_filter = ("state", ModeFilter, "published")
    # Numbers grow with time, and their index serves a million rows at once.
    ordering = ("-reference",)
    sortable_by = ("reference",)
    search_fields = ("reference",)
    search_help_text = "N° d’offre, intitulé ou code SAFIR de l’agence."
    fieldsets = (
        part(None, "reference", "title", "state", "state_at", "history"),
        part(
            "Dans Opus",
            "mode_label",
            "mode_declared",
            "published",
            "agency_safir",
            ("posts", "posts_left"),
        ),
        part(
            "Offre",
            "company",
            "place_label",
            "place_source",
            "rome_label",
            "contract_label",
            "nature_label",
            "hours_label",
            "salary_label",
            "experience_label",
            "description",
            ("created_at", "updated_at", "imported_at"),
        ),
        ("Autres rubriques", {"fields": ("other_details",), "classes": ("collapse",)}),
    )

    def get_object(self, *args: Any, **kwargs: Any) -> Offer | None:
        """Return the offer without masks: France Travail may read its own texts."""
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


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = (
        "started_at",
        "ended_at",
        "is_snapshot",
        "read",
        "created",
        "updated",
        "unchanged",
        "withdrawn",
        "rejected",
        "swapped",
        "placeless",
    )
    list_filter = ("is_snapshot",)
    fields = (*list_display[:2], "file_names", *list_display[2:])

    @admin.display(description="fichiers")
    def file_names(self, run: ImportRun) -> str:
        return ", ".join(run.files) or "—"

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        last = ImportRun.objects.first()
        if last is None:
            value, hint = "aucun", "aucun fichier d’offres n’a été importé"
        else:
            is_fresh = timezone.now() - last.started_at < dt.timedelta(minutes=1)
            ago = timesince(last.started_at, depth=1)
            value = "à l’instant" if is_fresh else f"il y a {ago}"
            hint = f"lignes lues : {last.read}, rejetées : {last.rejected}"
        yield Queue(
            rank=50,
            label="Dernier import",
            value=value,
            url=self.list_url(),
            hint=hint,
            is_waiting=last is not None and last.ended_at is None,
        )


@admin.register(Quarantine)
class QuarantineAdmin(ReadOnlyAdmin):
    list_display = ("at", "file", "line", "reference", "reason")
    list_filter = (("at", DayFilter),)
    search_fields = ("=reference", "reason", "file")
    search_help_text = "N° d’offre, motif ou fichier."
    fields = ("run", "file", "line", "reference", "reason", "at", "received")

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        count = Quarantine.objects.count()
        hint = "lignes de fichiers illisibles comme offres"
        yield self.tile(40, "Lignes en quarantaine", count, hint)

    @admin.display(description="texte reçu")
    def received(self, reject: Quarantine) -> str:
        return format_html("<pre>{}</pre>", reject.raw)
